"""The image of the three services (docs/design-page.md)."""

from __future__ import annotations

import json
import re
from pathlib import Path

_LINES = re.findall(
    r"^([A-Z]+) ((?:.*\\\n)*.*)$",
    (Path(__file__).parents[2] / "Dockerfile").read_text(),
    re.MULTILINE,
)


def _only(instruction: str) -> str:
    [value] = [text for name, text in _LINES if name == instruction]
    return str(value)


def test_the_image() -> None:
    names_and_texts = [f"{name} {text}" for name, text in _LINES]
    installs = next(at for at, text in enumerate(names_and_texts) if "pip install" in text)
    copies = next(at for at, text in enumerate(names_and_texts) if "src/amply/" in text)
    assert _only("FROM") == "python:3.12-slim"
    assert installs < copies  # a change of the source installs nothing again
    assert _only("USER") == "10001"
    command = json.loads(_only("CMD"))
    assert command == ["uvicorn", "amply.main:app", "--host", "0.0.0.0", "--port", "8000"]


def test_the_image_holds_the_backend_alone() -> None:
    copied = [text.split()[0] for name, text in _LINES if name == "COPY"]
    assert copied == ["requirements/backend.lock", "src/amply/"]
