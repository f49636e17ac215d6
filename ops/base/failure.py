"""The JSON document with which a command ends if it fails under `--output json`. Pure.

Exit codes: 0 done, or nothing to do; 1 an error; 2 differences (`plan --exit-code`, `plan --out`);
130 interrupted.
"""

from __future__ import annotations

import itertools
from typing import Any

SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "The failure of an ops command under --output json",
    "type": "object",
    "required": ["error"],
    "additionalProperties": False,
    "properties": {
        "error": {
            "type": "object",
            "required": ["message", "exit_code", "problems"],
            "additionalProperties": False,
            "properties": {
                "message": {"type": "string", "description": "What happened."},
                "next_step": {"type": "string", "description": "What to do next."},
                "exit_code": {"enum": [1, 2, 130]},
                "problems": {
                    "type": "array",
                    "description": "The places in the workspace's files, if there are any.",
                    "items": {
                        "type": "object",
                        "required": ["file", "line", "field", "message"],
                        "additionalProperties": False,
                        "properties": {
                            "file": {"type": "string"},
                            "line": {"type": "integer", "minimum": 1},
                            "field": {"type": "string"},
                            "message": {"type": "string"},
                        },
                    },
                },
            },
        }
    },
}


def document(message: str, exit_code: int, error: Exception | None = None) -> dict[str, Any]:
    """Return the document of a failure; OpsErrors add their next step and places in files."""
    problems = [
        {
            "file": str(problem.path),
            "line": problem.line,
            "field": problem.field,
            "message": problem.message,
        }
        for problem in getattr(error, "problems", ())
    ]
    what = str(getattr(error, "what", "") or message)
    failure: dict[str, Any] = {"message": what, "exit_code": exit_code, "problems": problems}
    if next_step := getattr(error, "next_step", ""):
        failure["next_step"] = next_step
    return {"error": failure}


def wants_json(arguments: list[str]) -> bool:
    """Return whether the command line asks for JSON."""
    pairs = itertools.pairwise(arguments)
    return "--output=json" in arguments or ("--output", "json") in pairs
