"""Operations of a running embedded AWS that AWS's API does not have."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ops.base.errors import OpsError
from ops.local.endpoint.operations import call
from tests.ports import free_port

if TYPE_CHECKING:
    from ops.local.endpoint.server import EmbeddedAws


def refuse() -> None:
    """Raise the error with which an operation refuses."""
    raise OpsError("It cannot be done", "Do something else.")


def test_an_operation_is_carried_out(aws: EmbeddedAws, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")  # it is not for loopback
    aws.operations["add"] = lambda a, b: a + b
    assert call(aws.endpoint, "add", a=1, b=2) == 3


def test_a_refusal_is_an_error_with_its_next_step(aws: EmbeddedAws) -> None:
    aws.operations["refuse"] = refuse
    with pytest.raises(OpsError, match=r"It cannot be done\. Do something else\."):
        call(aws.endpoint, "refuse")
    with pytest.raises(OpsError, match="no operation `none`"):
        call(aws.endpoint, "none")


def test_no_answer_is_an_error() -> None:
    with pytest.raises(OpsError, match="does not answer"):
        call(f"http://127.0.0.1:{free_port()}", "add")
