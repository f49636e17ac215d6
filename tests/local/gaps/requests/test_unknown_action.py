"""Calls that moto does not implement, and errors inside moto."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError
from botocore.parsers import ResponseParserError

from ops.local.gaps import close_all

if TYPE_CHECKING:
    from collections.abc import Callable

# Of a service that speaks JSON to its clients, and of one that speaks XML.
MISSING = [("ssm", "describe_available_patches"), ("cloudformation", "list_types")]


def answer(client: Callable[[str], Any], service: str, method: str) -> Any:  # noqa: ANN401
    with pytest.raises(ClientError) as caught:
        getattr(client(service), method)()
    return caught.value.response


@pytest.mark.parametrize(("service", "method"), MISSING)
def test_moto_still_answers_what_it_has_not_with_a_server_error(
    moto: Callable[[str], Any], service: str, method: str
) -> None:
    with pytest.raises((ClientError, ResponseParserError), match=r"\b500\b"):
        getattr(moto(service), method)()


@pytest.mark.parametrize(("service", "method"), MISSING)
def test_what_is_not_emulated_is_the_clients_error_and_says_so(
    embedded: Callable[[str], Any], service: str, method: str
) -> None:
    told = answer(embedded, service, method)
    assert told["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert told["Error"]["Code"] == "InvalidAction"
    assert "not been implemented" in told["Error"]["Message"]


def test_a_fault_of_the_emulator_is_answered_and_logged(
    embedded: Callable[[str], Any],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fault(*_: object, **__: object) -> None:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr("moto.ecs.models.EC2ContainerServiceBackend.list_clusters", fault)
    told = answer(embedded, "ecs", "list_clusters")
    assert told["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert told["Error"]["Message"] == "ZeroDivisionError: a bug"
    assert "fault in the emulator: ecs" in caplog.text
    assert "Traceback" in caplog.text


def test_the_gaps_may_be_closed_twice(embedded: Callable[[str], Any]) -> None:
    close_all()
    assert answer(embedded, *MISSING[0])["Error"]["Code"] == "InvalidAction"
