"""What can go wrong with the embedded Fargate.

OpsError
└── FargateError            the machine or a service; told to the user
Failure                     one task; told by its `stoppedReason`
"""

from __future__ import annotations

from ops.base.errors import OpsError


class FargateError(OpsError):
    """The tasks cannot run, or do not."""


def ending() -> FargateError:
    """Return the error of whoever waits for tasks while all of them are being ended."""
    return FargateError("The embedded AWS is shutting down")


class Failure(Exception):  # noqa: N818 - a task fails, Fargate does not
    """A task cannot start; the message is its `stoppedReason`, in ECS's words."""
