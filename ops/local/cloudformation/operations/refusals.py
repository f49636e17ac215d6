"""Requests that CloudFormation refuses, in its words where they are known.

Stacks in which an operation is possible:
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stack-failure-options.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

    from ops.local.cloudformation.stack import OnFailure, Stack, WayBack

_UPDATABLE = frozenset({
    "CREATE_COMPLETE", "REVIEW_IN_PROGRESS", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE",
})  # fmt: skip
LEFT_FAILED = frozenset({"CREATE_FAILED", "UPDATE_FAILED"})
"""A failure that was not rolled back. An update may try again, if it would not roll back either."""


class RequestError(Exception):
    """A refused request; the message is CloudFormation's ValidationError."""


class AlreadyExistsError(RequestError):
    """A stack of that name exists: an error with its own code."""


def not_updatable(stack: Stack) -> RequestError:
    """Return the refusal of a change."""
    return RequestError(
        f"Stack:{stack.stack_id} is in {stack.status} state and can not be updated."
    )


def check_plannable(stack: Stack) -> None:
    """Raise RequestError if no change set can be created for a stack."""
    if stack.status not in _UPDATABLE | LEFT_FAILED:
        raise not_updatable(stack)


def check_updatable(stack: Stack, on_failure: OnFailure) -> None:
    """Raise RequestError if a stack cannot be changed by an update that handles failures so."""
    check_plannable(stack)
    if stack.status in LEFT_FAILED and on_failure == "ROLLBACK":
        # https://github.com/aws/aws-cli/issues/6368 quotes it.
        raise RequestError(
            f"This stack is currently in a non-terminal [{stack.status}] state. To update the "
            "stack from this state, please use the disable-rollback parameter with update-stack "
            "API. To rollback to the last known good state, use the rollback-stack API"
        )


def check_cancellable(stack: Stack) -> None:
    """Raise RequestError if no update is in progress.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CancelUpdateStack.html
    Copilot compares the words (internal/pkg/aws/cloudformation/errors.go).
    """
    if stack.status != "UPDATE_IN_PROGRESS":
        raise RequestError("CancelUpdateStack cannot be called from current stack status")


def way_to_continue(stack: Stack, skipped: Collection[str]) -> WayBack:
    """Return the way back of a rollback that failed. Raise RequestError if none did.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ContinueUpdateRollback.html
    names the state, and of resources to skip that they are UPDATE_FAILED; the words are ours.
    """
    if stack.status != "UPDATE_ROLLBACK_FAILED" or stack.way_back is None:
        raise RequestError(
            f"ContinueUpdateRollback cannot be called from current stack status {stack.status}"
        )
    failed = {resource.logical_resource_id for resource, _ in stack.way_back.restores}
    if unknown := sorted(set(skipped) - failed):
        raise RequestError(
            f"ResourcesToSkip: [{', '.join(unknown)}] are not in UPDATE_FAILED state"
        )
    return stack.way_back


def way_to_roll_back(stack: Stack) -> WayBack:
    """Return the way back of a stack that was left after a failure.

    Raise RequestError if it was not: the API's page names the states, the words are ours.
    """
    if stack.status not in LEFT_FAILED or stack.way_back is None:
        raise RequestError(
            f"Stack:{stack.stack_id} is in {stack.status} state and can not be rolled back."
        )
    return stack.way_back
