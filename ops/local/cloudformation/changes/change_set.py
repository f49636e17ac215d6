"""A change set and its changes; the attributes are those of the API, in snake case."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ops.local.cloudformation.stack import OnFailure, Stack

NO_CHANGES = (
    "The submitted information didn't contain changes. "
    "Submit different information to create a change set."
)


@dataclass(frozen=True)
class Target:
    """The attribute of a resource that a detail is about, and what its change entails."""

    attribute: str  # Properties, Tags or Metadata
    name: str | None
    requires_recreation: str  # Never, Conditionally or Always


@dataclass(frozen=True)
class Detail:
    """One reason why a resource changes."""

    target: Target
    evaluation: str  # Static, or Dynamic if the new value is known only afterwards
    change_source: str
    causing_entity: str | None = None


@dataclass(frozen=True)
class Change:
    """One resource that a change set would add, modify or remove."""

    action: str
    logical_resource_id: str
    resource_type: str
    physical_resource_id: str | None = None
    replacement: str | None = None
    policy_action: str | None = None
    scope: tuple[str, ...] = ()
    details: tuple[Detail, ...] = ()


@dataclass
class ChangeSet:
    """A change set, planned or carried out."""

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
    on_stack_failure: OnFailure = "ROLLBACK"
    changes: list[Change] = field(default_factory=list)
    status: str = "CREATE_COMPLETE"
    execution_status: str = "AVAILABLE"
    status_reason: str | None = None
    creation_time: dt.datetime = field(default_factory=lambda: dt.datetime.now(dt.UTC))
    """Copilot reads events from here on: without it, an older event looks like the end."""

    def fail(self, reason: str) -> None:
        """Set the status of a change set that cannot be executed."""
        self.status, self.execution_status, self.status_reason = "FAILED", "UNAVAILABLE", reason

    @property
    def tags(self) -> list[dict[str, str]]:
        """Return the stack's tags in the API's form."""
        return [{"Key": key, "Value": value} for key, value in self.stack_tags.items()]

    @property
    def stack_id(self) -> str:
        """Return the stack's ID."""
        return self.stack.stack_id

    @property
    def stack_name(self) -> str:
        """Return the stack's name."""
        return self.stack.name
