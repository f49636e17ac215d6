"""A case, the world that it asks, and the outcome."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, Protocol

from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

if TYPE_CHECKING:
    from collections.abc import Callable

GUIDE = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring"
SCALING = "https://docs.aws.amazon.com/autoscaling/application/userguide"
API = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference"


class NotAskableError(Exception):
    """The world cannot answer a case: time does not pass there, or no task runs."""


class Asked(Protocol):
    """An endpoint with alarms, metrics and services of one case."""

    def client(self, service: str) -> Any:
        """Return a client."""

    def minutes(self, number: float) -> None:
        """Wait for some minutes of the control plane. Raise NotAskableError if it cannot."""

    def run_tasks(self, number: int) -> None:
        """Start so many tasks of the service. Raise NotAskableError if the world cannot."""


@dataclass(frozen=True)
class Case:
    """A rule, the page that documents it, and a function that fails if the rule does not hold."""

    rule: str
    source: str
    ask: Callable[[Asked], None]


class Outcome(Enum):
    """The outcome of asking."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_ASKABLE = "not askable"


def ask(case: Case, world: Asked) -> tuple[Outcome, str]:
    """Run a case; return its outcome and, after a failure, what happened instead."""
    try:
        case.ask(world)
    except NotAskableError as reason:
        return Outcome.NOT_ASKABLE, str(reason)
    except (AssertionError, ClientError, BotoCoreError, ResponseParserError) as error:
        return Outcome.FAILED, str(error).partition("\n")[0]
    return Outcome.PASSED, ""


def expect(found: object, expected: object) -> None:
    """Raise AssertionError with both values unless they are equal."""
    if found != expected:
        raise AssertionError(f"{found!r} and not {expected!r}")


def refused(call: Callable[..., Any], **parameters: Any) -> None:
    """Raise AssertionError unless a call is refused."""
    try:
        call(**parameters)
    except ClientError as error:
        status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        if status >= 500:
            raise AssertionError(f"an error of its own: {error}") from error
        return
    raise AssertionError("it was accepted")
