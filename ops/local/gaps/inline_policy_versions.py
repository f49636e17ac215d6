"""Inline policies of the earlier policy language.

AWS: a document without `Version` is of 2008-10-17; only a managed policy must name 2012-10-17.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html

moto: an inline policy of a role, group or user must name 2012-10-17, too.

Closed by letting moto check the document as one of 2012-10-17, and keeping it as it was given.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from typing import Any

from moto.iam import models

_VERSION = "2012-10-17"
_EARLIER = "2008-10-17"

_Put = Callable[[Any, str, str, str], None]


def close() -> None:
    """Accept inline policies without a version."""
    backend: Any = models.IAMBackend
    for kind in ("role", "group", "user"):
        operation = f"put_{kind}_policy"
        put = getattr(backend, operation)
        if not hasattr(put, "__wrapped__"):
            setattr(backend, operation, _accepting(put, f"get_{kind}"))


def _accepting(put: _Put, getter: str) -> _Put:
    @functools.wraps(put)
    def wrapped(self: Any, owner: str, name: str, document: str) -> None:
        put(self, owner, name, _as_current(document))
        getattr(self, getter)(owner).put_policy(name, document)

    return wrapped


def _as_current(document: str) -> str:
    """Return the document with the current version, if its own is the earlier one."""
    try:
        policy = json.loads(document)
    except ValueError:
        return document
    if not isinstance(policy, dict) or policy.get("Version", _EARLIER) != _EARLIER:
        return document
    return json.dumps(policy | {"Version": _VERSION})
