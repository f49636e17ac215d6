"""The stacks of one account and region, with the methods that moto's responses call.

Operations run in a thread of their own, as in AWS: the API answers at once, and clients poll the
stack's status. The backend waits briefly, so that a client's first poll finds a quick operation
complete.
"""

from __future__ import annotations

import threading
import uuid
from typing import TYPE_CHECKING, Any

from ops.local.cloudformation.changes.change_set import NO_CHANGES, ChangeSet
from ops.local.cloudformation.changes.prediction import changes
from ops.local.cloudformation.operations import refusals
from ops.local.cloudformation.operations.deployment import Deployment
from ops.local.cloudformation.operations.refusals import AlreadyExistsError, RequestError
from ops.local.cloudformation.operations.removal import delete
from ops.local.cloudformation.operations.way_back import roll_back, skip
from ops.local.cloudformation.resources.base import World
from ops.local.cloudformation.scope import check_references
from ops.local.cloudformation.stack import Stack
from ops.local.cloudformation.template import (
    TemplateError,
    check_types,
    parameter_values,
    parse,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from ops.local.cloudformation.stack import OnFailure

_PATIENCE = 1.0
"""Seconds for which an answer is delayed so that it can contain the end."""


class Stacks:
    """Create, change and delete stacks. `stacks` holds live ones by id, `deleted` the others."""

    def __init__(
        self, account: str, region: str, client: Callable[[str], Any],
        settled: Callable[[str, str], None],
    ) -> None:  # fmt: skip
        self.stacks: dict[str, Stack] = {}
        self.deleted: dict[str, Stack] = {}
        self.exports: dict[str, Any] = {}
        self.change_sets: dict[str, ChangeSet] = {}
        self.account, self.region = account, region
        self._world = World(
            account=account,
            region=region,
            client=client,
            settled=settled,
            apply_stack=self._apply,
            delete_stack=self._delete,
            register=self._register,
            find=self.find,
            exports=lambda: self.exports,
            stacks=lambda: list(self.stacks.values()),
        )

    def find(self, name_or_id: str) -> Stack:
        """Return a stack by its name, or by its ID, also if deleted. Raise RequestError if none."""
        known = self.deleted | self.stacks
        if (stack := self._live(name_or_id)) is not None:
            return stack
        if name_or_id not in known:
            raise RequestError(f"Stack with id {name_or_id} does not exist")
        return known[name_or_id]

    def create(
        self, name: str, body: str, parameters: dict[str, str], tags: dict[str, str],
        on_failure: OnFailure = "ROLLBACK",
    ) -> Stack:  # fmt: skip
        """Create a stack of that name.

        Raise RequestError if there is one, or the template or its parameters are wrong.
        """
        _check(body, parameters)
        if self._live(name) is not None:
            raise AlreadyExistsError(f"Stack [{name}] already exists")
        stack = self._new(name)
        stack.disable_rollback = on_failure == "DO_NOTHING"
        self._start(stack, lambda: self._change(stack, body, parameters, tags, on_failure))
        return stack

    def update(
        self, name: str, body: str, parameters: dict[str, str], tags: dict[str, str] | None,
        on_failure: OnFailure = "ROLLBACK",
    ) -> Stack:  # fmt: skip
        """Update a stack.

        Raise RequestError if it is being changed right now, nothing would change, or the template
        or its parameters are wrong.
        """
        stack = self.find(name)
        _check(body, parameters, stack)
        refusals.check_updatable(stack, on_failure)
        if not self._would_change(stack, body, parameters, tags):
            raise RequestError("No updates are to be performed.")
        self._start(stack, lambda: self._change(stack, body, parameters, tags, on_failure))
        return stack

    def plan(
        self, stack_name: str, change_set_name: str, change_set_type: str, body: str,
        parameters: dict[str, str], tags: dict[str, str] | None,
    ) -> ChangeSet:  # fmt: skip
        """Create a change set; for a new stack, the stack too, in review.

        Raise RequestError if the template or its parameters are wrong, or if the stack to update
        does not exist, or the stack to create does.
        """
        is_update = change_set_type == "UPDATE"
        _check(body, parameters, self.find(stack_name) if is_update else None)
        stack = self.find(stack_name) if is_update else self._under_review(stack_name)
        refusals.check_plannable(stack)
        new_tags = stack.tags if tags is None else tags
        planned = ChangeSet(
            f"arn:aws:cloudformation:{self.region}:{self.account}:changeSet/"
            f"{change_set_name}/{uuid.uuid4()}",
            change_set_name,
            change_set_type,
            stack,
            body,
            parameters,
            new_tags,
        )
        try:
            planned.changes = changes(stack, self._world, body, parameters, new_tags)
            if not self._would_change(stack, body, parameters, new_tags):
                planned.fail(NO_CHANGES)
        except TemplateError as error:
            planned.fail(str(error))
        self.change_sets[planned.change_set_id] = planned
        return planned

    def change_set(self, name_or_id: str, stack_name: str | None) -> ChangeSet:
        """Return the change set of that ID, or the newest of that name (of that stack).

        Raise RequestError if there is none.
        """
        if name_or_id in self.change_sets:
            return self.change_sets[name_or_id]
        for planned in reversed(self.change_sets.values()):
            names = {planned.stack_name, planned.stack_id, None}
            if planned.change_set_name == name_or_id and stack_name in names:
                return planned
        raise RequestError(f"ChangeSet [{name_or_id}] does not exist")

    def execute(self, planned: ChangeSet, *, disable_rollback: bool = False) -> None:
        """Carry out a change set."""
        if planned.execution_status != "AVAILABLE":
            raise RequestError(
                f"ChangeSet [{planned.change_set_id}] cannot be executed in its current status "
                f"of [{planned.status}]"
            )
        stack = planned.stack
        on_failure = "DO_NOTHING" if disable_rollback else planned.on_stack_failure
        refusals.check_updatable(stack, on_failure)
        self._start(
            stack,
            lambda: self._change(
                stack, planned.template, planned.parameters, planned.stack_tags, on_failure
            ),
        )
        planned.execution_status = "EXECUTE_COMPLETE"
        stack.role_arn = planned.role_arn or stack.role_arn
        stack.notification_arns = planned.notification_arns

    def cancel(self, name: str) -> None:
        """Make an update in progress go back. Raise RequestError if none is in progress."""
        stack = self.find(name)
        refusals.check_cancellable(stack)
        stack.cancelled.set()

    def continue_rollback(self, name: str, skipped: frozenset[str]) -> None:
        """Carry on a rollback that failed. Raise RequestError if no rollback has failed."""
        stack = self.find(name)
        way = refusals.way_to_continue(stack, skipped)
        skip(stack, way, skipped)
        reason = stack.stack_status_reason or ""
        self._start(stack, lambda: roll_back(stack, self._world, way, reason))

    def roll_back(self, name: str) -> Stack:
        """Roll back a stack that was left after a failure. Raise RequestError if it was not."""
        stack = self.find(name)
        way = refusals.way_to_roll_back(stack)
        self._start(stack, lambda: roll_back(stack, self._world, way, "User Initiated"))
        return stack

    def remove(self, name_or_id: str) -> None:
        """Delete a stack, after the operation in progress; ignore a missing one."""
        try:
            stack = self.find(name_or_id)
        except RequestError:
            return

        def operation() -> None:
            with stack.lock:
                self._delete(stack)

        _in_background(operation)

    def wait(self, stack: Stack) -> None:
        """Wait until the operation in progress on the stack has ended."""
        with stack.lock:
            return

    def _live(self, name: str) -> Stack | None:
        return next((stack for stack in list(self.stacks.values()) if stack.name == name), None)

    def _under_review(self, name: str) -> Stack:
        stack = self._live(name)
        if stack is None:
            return self._new(name)
        if stack.status != "REVIEW_IN_PROGRESS":
            raise RequestError(f"Stack [{name}] already exists and cannot be created again")
        return stack

    def _new(self, name: str) -> Stack:
        identifier = uuid.uuid4()
        stack = Stack(
            f"arn:aws:cloudformation:{self.region}:{self.account}:stack/{name}/{identifier}",
            name,
            self.account,
            self.region,
        )
        self._register(stack)
        return stack

    def _register(self, stack: Stack) -> None:
        self.stacks[stack.stack_id] = stack

    def _apply(
        self, stack: Stack, body: str, parameters: dict[str, str], tags: dict[str, str] | None
    ) -> None:
        Deployment(stack, self._world).run(body, parameters, tags)

    def _change(
        self, stack: Stack, body: str, parameters: dict[str, str], tags: dict[str, str] | None,
        on_failure: OnFailure,
    ) -> None:  # fmt: skip
        stack.on_failure = on_failure
        self._apply(stack, body, parameters, tags)
        if on_failure == "DELETE" and stack.status == "CREATE_FAILED":
            self._delete(stack)

    def _delete(self, stack: Stack) -> None:
        if stack.stack_id not in self.stacks:
            return
        delete(stack, self._world)
        if stack.status == "DELETE_COMPLETE":
            self.deleted[stack.stack_id] = self.stacks.pop(stack.stack_id)

    def _would_change(
        self, stack: Stack, body: str, parameters: dict[str, str], tags: dict[str, str] | None
    ) -> bool:
        if not stack.template or stack.status in refusals.LEFT_FAILED:
            return True
        if parse(body).get("Outputs") != stack.template_dict.get("Outputs"):
            return True
        new_tags = stack.tags if tags is None else tags
        return bool(changes(stack, self._world, body, parameters, new_tags))

    def _start(self, stack: Stack, operation: Callable[[], None]) -> None:
        if not stack.lock.acquire(blocking=False):
            raise refusals.not_updatable(stack)

        def run() -> None:
            try:
                operation()
            finally:
                stack.lock.release()

        _in_background(run)


def _in_background(operation: Callable[[], None]) -> None:
    thread = threading.Thread(target=operation, name="cloudformation", daemon=True)
    thread.start()
    thread.join(_PATIENCE)


def _check(body: str, parameters: dict[str, str], stack: Stack | None = None) -> None:
    try:
        template = parse(body)
        check_references(template)
        parameter_values(template, parameters)
        if stack is not None:
            check_types(template, stack.types())
    except TemplateError as error:
        raise RequestError(str(error)) from error
