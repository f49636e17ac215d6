"""Which refusals another try can change, beside those that botocore tries again by itself.

botocore knows the codes of throttling, and none of the codes by which a service says that somebody
else is changing the same thing at this moment. Terraform's AWS provider met each of them:
https://github.com/hashicorp/terraform-provider-aws/issues/7605 (log groups),
https://github.com/hashicorp/terraform-provider-aws/issues/17915 (scalable targets),
https://github.com/hashicorp/terraform-provider-aws/issues/1428 (throttling that is passed on),
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
# Codes that say several things, and what is in the message where another try can help.
_SOMETIMES = {
    "FailedResourceAccessException": "rate exceeded",  # CloudWatch throttled Auto Scaling
    "ValidationError": "a separate request to update this alarm is in progress",
}
_LONGEST = 20.0  # seconds, as botocore waits at most for an API that throttles


def retrying(most: int) -> Callable[..., float | None]:
    """A handler of botocore's event `needs-retry`, for calls that are tried so often at most.

    It gives the seconds to wait before the next try, as many as botocore waits when an API
    throttles, or None where it has nothing to say.
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
