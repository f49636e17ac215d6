"""CloudFormation stacks and change sets.

AWS: a stack is created, updated or rolled back as a whole; its outputs, exports, parameters,
resources and events can be read; a change set lists what it would change; stack tags are passed
on to resources; one stack may import another's exports.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stacks.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-changesets.html

moto: executing a change set makes resources, but no outputs, exports, parameters, tags, events of
resources, failures or rollback; conditions of outputs are ignored; an update changes by the
template's text; a change has no Replacement, Scope or Details; addons, custom resources and several
types that Copilot needs are not made.

Closed by `ops.local.cloudformation`, which replaces moto's stacks.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any

from moto.cloudformation import models, responses
from moto.cloudformation.exceptions import AlreadyExistsException, ValidationError
from moto.core.responses import ActionResult

from ops.local.cloudformation.backend import Stacks
from ops.local.cloudformation.operations.refusals import AlreadyExistsError, RequestError

if TYPE_CHECKING:
    from moto.cloudformation.models import CloudFormationBackend

    from ops.local.cloudformation.changes.change_set import ChangeSet
    from ops.local.cloudformation.stack import Resource, Stack

ClientFactory = Callable[[str, str], Any]


class _Connection:
    """The connection of the stacks to this AWS; `ops.local.endpoint.server` sets it once the port
    is known.
    """

    client: ClientFactory
    settled: Callable[[str, str], None] = staticmethod(lambda _cluster, _service: None)
    first_use = threading.Lock()


def connect(client: ClientFactory) -> None:
    """Set the client factory `client(service, region)` with which stacks create resources."""
    _Connection.client = staticmethod(cache(client))


def wait_for_services(settled: Callable[[str, str], None]) -> None:
    """Set the function `settled(cluster, service)` with which stacks wait for an ECS service's
    tasks.

    It returns when they are in a steady state, and raises an error if they cannot be.
    """
    _Connection.settled = staticmethod(settled)


def stacks_of(backend: CloudFormationBackend) -> Stacks:
    """Return the stacks of a backend; they share moto's dictionaries, so that its lists
    show them.
    """
    with _Connection.first_use:
        if not hasattr(backend, "ops_stacks"):
            stacks = Stacks(
                backend.account_id,
                backend.region_name,
                lambda service: _Connection.client(service, backend.region_name),
                _settled,
            )
            backend.stacks = stacks.stacks  # type: ignore[assignment]
            backend.deleted_stacks = stacks.deleted  # type: ignore[assignment]
            backend.exports = stacks.exports
            backend.change_sets = stacks.change_sets  # type: ignore[assignment]
            backend.ops_stacks = stacks  # type: ignore[attr-defined]
        return backend.ops_stacks  # type: ignore[attr-defined, no-any-return]


def settle(backend: CloudFormationBackend, stack: Stack) -> None:
    """Wait until the operation in progress on a stack has ended."""
    stacks_of(backend).wait(stack)


def _settled(cluster: str, service: str) -> None:
    _Connection.settled(cluster, service)


def _refusing(method: Callable[..., Any]) -> Callable[..., Any]:
    def call(*args: Any, **kwargs: Any) -> Any:
        try:
            return method(*args, **kwargs)
        except AlreadyExistsError as error:
            raise AlreadyExistsException(str(error)) from error
        except RequestError as error:
            raise ValidationError(message=str(error)) from error

    return call


def _create_stack(
    self: CloudFormationBackend, name: str, template: str, parameters: dict[str, str],
    notification_arns: list[str] | None = None, tags: dict[str, str] | None = None,
    role_arn: str | None = None, **_ignored: Any,
) -> Stack:  # fmt: skip
    stack = stacks_of(self).create(name, template, parameters, tags or {})
    stack.role_arn, stack.notification_arns = role_arn, notification_arns or []
    return stack


def _update_stack(
    self: CloudFormationBackend, name: str, template: str, role_arn: str | None,
    parameters: list[dict[str, Any]], tags: dict[str, str] | None,
) -> Stack:  # fmt: skip
    stack = stacks_of(self).find(name)
    given = {
        parameter["ParameterKey"]: stack.stack_parameters[parameter["ParameterKey"]]
        if parameter.get("UsePreviousValue")
        else parameter["ParameterValue"]
        for parameter in parameters
    }
    stack.role_arn = role_arn or stack.role_arn
    return stacks_of(self).update(name, template, given, tags)


def _describe_change_set(
    self: CloudFormationBackend, change_set_name: str, stack_name: str | None = None
) -> ChangeSet:
    return stacks_of(self).change_set(change_set_name, stack_name)


def _get_stack(self: CloudFormationBackend, name_or_stack_id: str) -> Stack:
    return stacks_of(self).find(name_or_stack_id)


def _describe_stacks(self: CloudFormationBackend, name_or_stack_id: str) -> list[Stack]:
    stacks = stacks_of(self)
    return [stacks.find(name_or_stack_id)] if name_or_stack_id else list(stacks.stacks.values())


def _delete_stack(self: CloudFormationBackend, name_or_stack_id: str) -> None:
    stacks_of(self).remove(name_or_stack_id)


class _ResourceAnswer:
    """A stack's resource in the form of DescribeStackResources and ListStackResources."""

    def __init__(self, stack: Stack, resource: Resource) -> None:
        self.stack_id, self.stack_name = stack.stack_id, stack.name
        self.logical_resource_id = resource.logical_resource_id
        self.physical_resource_id = resource.physical_resource_id
        self.resource_type = resource.cf_resource_type
        self.resource_status = resource.resource_status
        self.resource_status_reason = resource.resource_status_reason
        self.timestamp = self.last_updated_timestamp = resource.timestamp


def _list_stack_resources(self: responses.CloudFormationResponse) -> Any:
    name = self._get_param("StackName")
    stack, resources = self.cloudformation_backend.list_stack_resources(name)
    answers = [_ResourceAnswer(stack, resource) for resource in resources]  # type: ignore[arg-type]
    return ActionResult({"StackResourceSummaries": answers})


def close() -> None:
    """Replace moto's stacks with those of `ops.local.cloudformation`."""
    methods: dict[str, Callable[..., Any]] = {
        "create_stack": _create_stack,
        "update_stack": _update_stack,
        "describe_change_set": _describe_change_set,
        "get_stack": _get_stack,
        "describe_stacks": _describe_stacks,
        "delete_stack": _delete_stack,
    }
    for name, method in methods.items():
        setattr(models.CloudFormationBackend, name, _refusing(method))
    answer = responses.CloudFormationResponse
    answer.list_stack_resources = _list_stack_resources  # type: ignore[method-assign]
    responses.StackResourceDTO = _ResourceAnswer  # type: ignore[misc, assignment]
