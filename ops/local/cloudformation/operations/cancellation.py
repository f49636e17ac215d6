"""Cancelled updates: the wait for a resource ends, and the stack goes back.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-update-cancel.html
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from ops.local.cloudformation.operations.removal import ResourceFailedError
from ops.local.cloudformation.resources.base import ResourceType

if TYPE_CHECKING:
    from ops.local.cloudformation.resources.base import Context
    from ops.local.cloudformation.stack import Resource, Stack

_LOOK_AGAIN = 0.05
"""Seconds."""


def check_cancelled(stack: Stack) -> None:
    """Raise ResourceFailedError if the update is to go back."""
    if stack.cancelled.is_set():
        raise ResourceFailedError("Resource update cancelled")


def settle(kind: ResourceType, context: Context, resource: Resource) -> None:
    """Wait until a resource works or the update is cancelled.

    The wait itself continues after a cancellation.
    """
    if type(kind).settle is ResourceType.settle:
        return
    failures: list[Exception] = []

    def wait() -> None:
        try:
            kind.settle(context, resource)
        except Exception as error:  # noqa: BLE001 - raised again, in the thread of the stack
            failures.append(error)

    thread = threading.Thread(target=wait, name="cloudformation waits", daemon=True)
    thread.start()
    while thread.is_alive():
        thread.join(_LOOK_AGAIN)
        check_cancelled(context.stack)
    if failures:
        raise failures[0]
