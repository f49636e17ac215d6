"""What can go wrong with the embedded Fargate.

OpsError
└── FargateError            the machine or a service; told to the user
Failure                     one task; told by its `stoppedReason`
"""

from __future__ import annotations

from ops.base.errors import OpsError


class FargateError(OpsError):
    """The tasks cannot run, or do not."""


class Failure(Exception):  # noqa: N818 - a task fails, Fargate does not
    """A task cannot start; the message is its `stoppedReason`, in ECS's words."""
