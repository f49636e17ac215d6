"""The caller's identity and the time in AWS: the only code of the doctor that calls AWS."""

from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

from botocore.exceptions import ClientError

from ops.aws.client import IDENTITY, Aws, AwsError, explain
from ops.base.errors import OpsError


@dataclass(frozen=True)
class Answer:
    """AWS's answer about the credentials, or the reason why they fail; and its time, if it
    answered.
    """

    identity: str | OpsError
    time: datetime | None


def ask(aws: Aws) -> Answer:
    """Ask AWS with one call."""
    try:
        answer = aws.client(IDENTITY).get_caller_identity()
    except ClientError as error:
        return Answer(explain(error), _time(error.response))  # a refusal has a date too
    except AwsError as error:
        return Answer(explain(error), None)
    return Answer(f"{answer['Arn']} in account {answer['Account']}", _time(answer))


def _time(answer: Any) -> datetime | None:  # noqa: ANN401  # botocore's answers and errors
    written = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("date")
    return parsedate_to_datetime(written) if written else None
