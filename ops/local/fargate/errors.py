"""The errors of the embedded Fargate.

OpsError
└── FargateError            the machine or a service; told to the user
Failure                     one task; told by its `stoppedReason`
"""

from __future__ import annotations

from ops.base.errors import OpsError


class FargateError(OpsError):
    """Tasks cannot run, or fail to run."""


def ending() -> FargateError:
    """Return the error for callers that wait for tasks while Fargate shuts down."""
    return FargateError("The embedded AWS is shutting down")


class Failure(Exception):  # noqa: N818 - a task fails, Fargate does not
    """A task cannot start; the message is ECS's `stoppedReason`."""
