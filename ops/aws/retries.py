"""Refused calls that are retried, by botocore or in addition to its own retries.

botocore knows the error codes of throttling, but not the codes by which a service reports a
concurrent change. Terraform's AWS provider met each of them:
https://github.com/hashicorp/terraform-provider-aws/issues/7605 (log groups),
https://github.com/hashicorp/terraform-provider-aws/issues/17915 (scalable targets),
https://github.com/hashicorp/terraform-provider-aws/issues/1428 (throttling of another service),
https://github.com/hashicorp/terraform-provider-aws/issues/422 (alarms).
"""

from collections.abc import Callable, Mapping
from random import random
from typing import Any

CONFLICTS = frozenset(
    {
        "OperationAbortedException",  # CloudWatch Logs, of a log group
        "ConcurrentUpdateException",  # Application Auto Scaling, of a scalable target
        "ConcurrentModificationException",  # EventBridge, of a rule; CloudWatch, of tags
        "ConflictException",  # CloudWatch, of a dashboard
        "ConcurrentAccess",  # SNS, of a topic's tags
    }
)
THROTTLES = frozenset(
    {
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "SlowDown",
        "TooManyRequestsException",
    }
)
"""The codes of throttling, which botocore retries.

https://github.com/boto/botocore/blob/develop/botocore/retries/standard.py
"""
# Ambiguous codes, and the message for which a retry can help.
_SOMETIMES = {
    "FailedResourceAccessException": "rate exceeded",  # CloudWatch throttled Auto Scaling
    "ValidationError": "a separate request to update this alarm is in progress",
}
_LONGEST = 20.0  # seconds, as botocore waits at most for an API that throttles


def retrying(most: int) -> Callable[..., float | None]:
    """Return a handler of botocore's event `needs-retry` for calls with so many attempts.

    It returns the seconds until the next attempt, as botocore does for throttling, or None to leave
    the decision to others.
    """

    def wait(
        response: tuple[object, Mapping[str, Any]] | None, attempts: int, **_: object
    ) -> float | None:
        if response is None or attempts >= most or not _may_pass(response[1].get("Error", {})):
            return None
        return random() * min(2.0 ** (attempts - 1), _LONGEST)  # noqa: S311  # nothing to guess

    return wait


def _may_pass(error: Mapping[str, Any]) -> bool:
    code, message = str(error.get("Code", "")), str(error.get("Message", ""))
    return code in CONFLICTS or (code in _SOMETIMES and _SOMETIMES[code] in message.lower())
