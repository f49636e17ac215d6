"""The stacks of one account and region, behind the methods that moto's answers call.

Operations run in a thread of their own, as on AWS: the API answers at once, and clients follow
the stack's status. Those that end quickly are waited for, so that a client's first look finds
them done.
"""

from __future__ import annotations

import threading
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ops.local.cloudformation.changes import Change, changes
from ops.local.cloudformation.engine import Deployment
from ops.local.cloudformation.removal import delete
from ops.local.cloudformation.resources.base import World
from ops.local.cloudformation.stack import Stack
from ops.local.cloudformation.template import TemplateError, parse

if TYPE_CHECKING:
    from collections.abc import Callable

_PATIENCE = 1.0
"""Seconds for which an answer is held back so that it can tell of the end."""

_NO_CHANGES = (
    "The submitted information didn't contain changes. "
    "Submit different information to create a change set."
)


class RequestError(Exception):
    """The request is refused; the message is CloudFormation's ValidationError."""


@dataclass
class ChangeSet:
    """A change set; the attributes are those of the API, in snake case."""

    change_set_id: str
    change_set_name: str
    change_set_type: str
    stack: Stack
    template: str
    parameters: dict[str, str]
    stack_tags: dict[str, str]
    role_arn: str | None = None
    description: str | None = None
    notification_arns: list[str] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    status: str = "CREATE_COMPLETE"
    execution_status: str = "AVAILABLE"
    status_reason: str | None = None

    def fail(self, reason: str) -> None:
        """Take the status of a change set that can't be executed."""
        self.status, self.execution_status, self.status_reason = "FAILED", "UNAVAILABLE", reason

    @property
    def tags(self) -> list[dict[str, str]]:
        """The stack's tags as the API lists them."""
        return [{"Key": key, "Value": value} for key, value in self.stack_tags.items()]

    @property
    def stack_id(self) -> str:
        """The stack's id."""
        return self.stack.stack_id

    @property
    def stack_name(self) -> str:
        """The stack's name."""
        return self.stack.name


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
        """The stack of that name, or (deleted ones too) of that id.

        Raises:
            RequestError: there is none.
        """
        known = self.deleted | self.stacks
        for stack in self.stacks.values():
            if stack.name == name_or_id:
                return stack
        if name_or_id not in known:
            raise RequestError(f"Stack with id {name_or_id} does not exist")
        return known[name_or_id]

    def create(
        self, name: str, body: str, parameters: dict[str, str], tags: dict[str, str]
    ) -> Stack:
        """Create a stack of that name."""
        stack = self._new(name)
        self._in_background(lambda: self._apply(stack, body, parameters, tags))
        return stack

    def update(
        self, name: str, body: str, parameters: dict[str, str], tags: dict[str, str] | None
    ) -> Stack:
        """Update a stack.

        Raises:
            RequestError: it is being changed right now, or nothing would change.
        """
        stack = self.find(name)
        _refuse_if_busy(stack)
        if not self._would_change(stack, body, parameters, tags):
            raise RequestError("No updates are to be performed.")
        self._in_background(lambda: self._apply(stack, body, parameters, tags))
        return stack

    def plan(
        self, stack_name: str, change_set_name: str, change_set_type: str, body: str,
        parameters: dict[str, str], tags: dict[str, str],
    ) -> ChangeSet:  # fmt: skip
        """Make a change set; for a new stack, the stack too, under review.

        Raises:
            RequestError: the template can't be read, or the stack is not there to update.
        """
        try:
            parse(body)
        except TemplateError as error:
            raise RequestError(str(error)) from error
        stack = self.find(stack_name) if change_set_type == "UPDATE" else self._new(stack_name)
        planned = ChangeSet(
            f"arn:aws:cloudformation:{self.region}:{self.account}:changeSet/"
            f"{change_set_name}/{uuid.uuid4()}",
            change_set_name,
            change_set_type,
            stack,
            body,
            parameters,
            tags,
        )
        try:
            planned.changes = changes(stack, self._world, body, parameters, tags)
            if not self._would_change(stack, body, parameters, tags):
                planned.fail(_NO_CHANGES)
        except TemplateError as error:
            planned.fail(str(error))
        self.change_sets[planned.change_set_id] = planned
        return planned

    def change_set(self, name_or_id: str, stack_name: str | None) -> ChangeSet:
        """The change set of that id, or the newest of that name (of that stack).

        Raises:
            RequestError: there is none.
        """
        if name_or_id in self.change_sets:
            return self.change_sets[name_or_id]
        for planned in reversed(self.change_sets.values()):
            names = {planned.stack_name, planned.stack_id, None}
            if planned.change_set_name == name_or_id and stack_name in names:
                return planned
        raise RequestError(f"ChangeSet [{name_or_id}] does not exist")

    def execute(self, planned: ChangeSet) -> None:
        """Do what a change set plans."""
        if planned.execution_status != "AVAILABLE":
            raise RequestError(
                f"ChangeSet [{planned.change_set_id}] cannot be executed in its current status "
                f"of [{planned.status}]"
            )
        _refuse_if_busy(planned.stack)
        planned.execution_status = "EXECUTE_COMPLETE"
        self._in_background(
            lambda: self._apply(
                planned.stack, planned.template, planned.parameters, planned.stack_tags
            )
        )

    def remove(self, name_or_id: str) -> None:
        """Delete a stack; one that is not there is no error, as with the API."""
        try:
            stack = self.find(name_or_id)
        except RequestError:
            return
        if stack.stack_id in self.stacks:
            self._in_background(lambda: self._delete(stack))

    def _new(self, name: str) -> Stack:
        for stack in self.stacks.values():
            if stack.name == name:
                if stack.status == "REVIEW_IN_PROGRESS":
                    return stack
                raise RequestError(f"Stack [{name}] already exists")
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
        with stack.lock:
            Deployment(stack, self._world).run(body, parameters, tags)

    def _delete(self, stack: Stack) -> None:
        delete(stack, self._world)
        if stack.status == "DELETE_COMPLETE":
            self.deleted[stack.stack_id] = self.stacks.pop(stack.stack_id)

    def _would_change(
        self, stack: Stack, body: str, parameters: dict[str, str], tags: dict[str, str] | None
    ) -> bool:
        if not stack.template:
            return True
        if parse(body).get("Outputs") != stack.template_dict.get("Outputs"):
            return True
        wanted = stack.tags if tags is None else tags
        return bool(changes(stack, self._world, body, parameters, wanted))

    def _in_background(self, operation: Callable[[], None]) -> None:
        thread = threading.Thread(target=operation, name="cloudformation", daemon=True)
        thread.start()
        thread.join(_PATIENCE)


def _refuse_if_busy(stack: Stack) -> None:
    if stack.status.endswith("_IN_PROGRESS") and stack.status != "REVIEW_IN_PROGRESS":
        raise RequestError(
            f"Stack:{stack.stack_id} is in {stack.status} state and can not be updated."
        )
    if stack.status == "ROLLBACK_COMPLETE":
        raise RequestError(
            f"Stack:{stack.stack_id} is in ROLLBACK_COMPLETE state and can not be updated."
        )
