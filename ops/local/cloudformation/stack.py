"""The data of a stack: its resources, outputs, events and status.

The attribute names are those that moto's responses read: the API's in snake case.
"""

from __future__ import annotations

import datetime as dt
import threading
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable

    from ops.local.cloudformation.template import Template

OnFailure: TypeAlias = Literal["ROLLBACK", "DO_NOTHING", "DELETE"]
"""https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stack-failure-options.html"""


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC).replace(tzinfo=None)


@dataclass
class Resource:
    """An existing resource. `handle` belongs to its resource type."""

    logical_resource_id: str
    cf_resource_type: str
    properties: dict[str, Any]
    physical_resource_id: str = ""
    attributes: dict[str, Any] = field(default_factory=dict)
    handle: Any = None
    resource_status: str = ""
    resource_status_reason: str | None = None
    timestamp: dt.datetime = field(default_factory=_now)


@dataclass
class Event:
    """One line of `DescribeStackEvents`."""

    stack_id: str
    stack_name: str
    logical_resource_id: str
    physical_resource_id: str
    resource_type: str
    resource_status: str
    resource_status_reason: str | None = None
    resource_properties: str | None = None
    client_request_token: str | None = None
    timestamp: dt.datetime = field(default_factory=_now)
    event_id: str = field(default_factory=lambda: str(uuid.uuid4()))


@dataclass
class WayBack:
    """The way of a stack back to its last stable state, or to nothing if it never had one.

    :param is_new: the stack has no stable state
    :param before: attributes of the stack in its last stable state
    :param restores: what changes resources back, the first changed first
    :param created: resources that did not exist in the last stable state
    """

    is_new: bool
    before: dict[str, Any]
    restores: list[tuple[Resource, Callable[[], None]]] = field(default_factory=list)
    created: list[Resource] = field(default_factory=list)
    clean_ups: list[Callable[[], None]] = field(default_factory=list)
    """Delete what an update that succeeds no longer needs."""


@dataclass
class Export:
    """A value that other stacks import."""

    exporting_stack_id: str
    name: str
    value: str


@dataclass
class Stack:
    """A stack: the template and parameters last applied, and the resources created from them."""

    stack_id: str
    name: str
    account_id: str
    region_name: str
    template: str = ""
    template_dict: Template = field(default_factory=dict)
    stack_parameters: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    role_arn: str | None = None
    notification_arns: list[str] = field(default_factory=list)
    capabilities: list[str] = field(default_factory=lambda: ["CAPABILITY_NAMED_IAM"])
    parent_id: str | None = None
    root_id: str | None = None
    status: str = "REVIEW_IN_PROGRESS"
    stack_status_reason: str | None = None
    resources: dict[str, Resource] = field(default_factory=dict)
    outputs: list[dict[str, Any]] = field(default_factory=list)
    exports: list[Export] = field(default_factory=list)
    imports: set[str] = field(default_factory=set)
    events: list[Event] = field(default_factory=list)
    creation_time: dt.datetime = field(default_factory=_now)
    last_updated_time: dt.datetime | None = None
    deletion_time: dt.datetime | None = None
    disable_rollback: bool = False
    enable_termination_protection: bool = False
    timeout_in_minutes: int | None = None
    policy: str = ""
    lock: threading.Lock = field(default_factory=threading.Lock, repr=False)
    """Held by whoever changes the stack, from the request to the end of the operation."""
    cancelled: threading.Event = field(default_factory=threading.Event, repr=False)
    """Set while an update is to go back: CancelUpdateStack."""
    on_failure: OnFailure = "ROLLBACK"
    """What the operation in progress, or the last one, does if it fails."""
    way_back: WayBack | None = field(default=None, repr=False)
    """How a stack that failed and was not rolled back returns to its last stable state."""

    @property
    def stack_resources(self) -> list[Resource]:
        """Return the resources in order of creation."""
        return list(self.resources.values())

    def types(self) -> dict[str, str]:
        """Return the resources' types by their logical IDs."""
        return {name: resource.cf_resource_type for name, resource in self.resources.items()}

    @property
    def description(self) -> str | None:
        """Return the template's description."""
        return self.template_dict.get("Description")

    template_description = description

    @property
    def parameter_list(self) -> list[dict[str, str]]:
        """Return the parameters in the API's form; those marked NoEcho masked."""
        declared = self.template_dict.get("Parameters") or {}
        return [
            {
                "ParameterKey": name,
                "ParameterValue": "****" if declared.get(name, {}).get("NoEcho") else value,
            }
            for name, value in self.stack_parameters.items()
        ]

    class Meta:
        """A class that moto's serialiser reads."""

        serialization_aliases = {"Parameters": "parameter_list"}  # noqa: RUF012

    def output(self, key: str) -> Any:
        """Return the value of an output, or None."""
        return next((o["OutputValue"] for o in self.outputs if o["OutputKey"] == key), None)

    def set_status(self, status: str, reason: str | None = None) -> None:
        """Set a status, and record it in an event of the stack itself."""
        self.status = status
        self.stack_status_reason = reason
        if status == "UPDATE_IN_PROGRESS":
            self.last_updated_time = _now()
        elif status == "DELETE_COMPLETE":
            self.deletion_time = _now()
        self.events.append(
            Event(
                self.stack_id,
                self.name,
                self.name,
                self.stack_id,
                "AWS::CloudFormation::Stack",
                status,
                reason,
            )
        )

    def tell(self, resource: Resource, status: str, reason: str | None = None) -> None:
        """Set a resource's status, and record an event."""
        resource.resource_status = status
        resource.resource_status_reason = reason
        resource.timestamp = _now()
        self.events.append(
            Event(
                self.stack_id,
                self.name,
                resource.logical_resource_id,
                resource.physical_resource_id,
                resource.cf_resource_type,
                status,
                reason,
            )
        )
