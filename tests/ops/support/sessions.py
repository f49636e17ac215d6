"""Settings of botocore for the calls of `ops` in tests."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.session import Session

import ops.aws.client


def on_sessions_of_ops(
    monkeypatch: pytest.MonkeyPatch, event: str, handler: Callable[..., Any]
) -> None:
    """Register a handler with botocore for calls of `ops`, not for those of the tests.

    What another fixture has botocore do stays.
    """
    make: Callable[..., Session] = vars(ops.aws.client)["Session"]

    def session(**settings: object) -> Session:
        made = make(**settings)
        made.register(event, handler)
        return made

    monkeypatch.setattr("ops.aws.client.Session", session)
