"""Requests about stacks: failure options, previous values, ways back.

AWS: `OnFailure`, `DisableRollback` and `OnStackFailure` choose what a failure does; a change set
is an UPDATE unless its request says otherwise; parameters may keep their previous values, and tags
that are not given stay; RollbackStack, CancelUpdateStack and ContinueUpdateRollback go back.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stack-failure-options.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateChangeSet.html

moto: ignores failure options; a change set is a CREATE by default, which knows no previous values,
and one without tags removes all; the three ways back are missing.
"""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any

from moto.cloudformation import responses
from moto.cloudformation.exceptions import AlreadyExistsException, ValidationError
from moto.core.responses import ActionResult

from ops.local.cloudformation.operations.refusals import AlreadyExistsError, RequestError
from ops.local.gaps.cloudformation.stacks import stacks_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from moto.cloudformation.responses import CloudFormationResponse

    from ops.local.cloudformation.backend import Stacks
    from ops.local.cloudformation.stack import OnFailure, Stack

    Method = Callable[[CloudFormationResponse], dict[str, Any]]


def _create_stack(self: CloudFormationResponse) -> dict[str, Any]:
    is_disabled = self._get_bool_param("DisableRollback")
    chosen = self._get_param("OnFailure")
    if is_disabled is not None and chosen:
        raise RequestError("Either DisableRollback or OnFailure can be specified, not both.")
    stack = _stacks(self).create(
        self._get_param("StackName"),
        _body(self),
        _parameters(self, None),
        _tags(self) or {},
        "DO_NOTHING" if is_disabled else chosen or "ROLLBACK",
    )
    stack.role_arn = self._get_param("RoleARN")
    stack.notification_arns = self._get_param("NotificationARNs") or []
    return {"StackId": stack.stack_id}


def _update_stack(self: CloudFormationResponse) -> dict[str, Any]:
    stack = _stacks(self).find(self._get_param("StackName"))
    stack.role_arn = self._get_param("RoleARN") or stack.role_arn
    _stacks(self).update(
        stack.name, _body(self, stack), _parameters(self, stack), _tags(self), _on_failure(self)
    )
    return {"StackId": stack.stack_id}


def _create_change_set(self: CloudFormationResponse) -> dict[str, Any]:
    name, kind = self._get_param("StackName"), self._get_param("ChangeSetType") or "UPDATE"
    stack = _stacks(self).find(name) if kind == "UPDATE" else None
    planned = _stacks(self).plan(
        name,
        self._get_param("ChangeSetName"),
        kind,
        _body(self, stack),
        _parameters(self, stack),
        _tags(self),
    )
    planned.description = self._get_param("Description")
    planned.role_arn = self._get_param("RoleARN")
    planned.notification_arns = self._get_param("NotificationARNs") or []
    planned.on_stack_failure = self._get_param("OnStackFailure") or "ROLLBACK"
    return {"Id": planned.change_set_id, "StackId": planned.stack_id}


def _execute_change_set(self: CloudFormationResponse) -> dict[str, Any]:
    stacks = _stacks(self)
    planned = stacks.change_set(self._get_param("ChangeSetName"), self._get_param("StackName"))
    stacks.execute(planned, disable_rollback=bool(self._get_bool_param("DisableRollback")))
    return {}


def _delete_change_set(self: CloudFormationResponse) -> dict[str, Any]:
    stacks = _stacks(self)
    planned = stacks.change_set(self._get_param("ChangeSetName"), self._get_param("StackName"))
    del stacks.change_sets[planned.change_set_id]
    return {}


def _cancel_update_stack(self: CloudFormationResponse) -> dict[str, Any]:
    _stacks(self).cancel(self._get_param("StackName"))
    return {}


def _continue_update_rollback(self: CloudFormationResponse) -> dict[str, Any]:
    skipped = frozenset(self._get_param("ResourcesToSkip") or ())
    _stacks(self).continue_rollback(self._get_param("StackName"), skipped)
    return {}


def _rollback_stack(self: CloudFormationResponse) -> dict[str, Any]:
    return {"StackId": _stacks(self).roll_back(self._get_param("StackName")).stack_id}


def _stacks(response: CloudFormationResponse) -> Stacks:
    return stacks_of(response.cloudformation_backend)


def _on_failure(response: CloudFormationResponse) -> OnFailure:
    return "DO_NOTHING" if response._get_bool_param("DisableRollback") else "ROLLBACK"


def _body(response: CloudFormationResponse, stack: Stack | None = None) -> str:
    """Return the template of a request: its text, that at a URL, or the stack's own."""
    body, url = response._get_param("TemplateBody"), response._get_param("TemplateURL")
    is_previous = stack is not None and response._get_bool_param("UsePreviousTemplate")
    if is_previous and (body or url):
        raise RequestError(
            "You cannot specify both usePreviousTemplate and Template Body/Template URL."
        )
    if stack is not None and is_previous:
        return stack.template
    if not body and not url:
        raise RequestError("Either Template URL or Template Body must be specified.")
    return str(body or response._get_stack_from_s3_url(url))


def _parameters(response: CloudFormationResponse, stack: Stack | None) -> dict[str, str]:
    previous = stack.stack_parameters if stack is not None else {}
    given = response._get_param("Parameters") or []
    return {parameter["ParameterKey"]: _value(parameter, previous) for parameter in given}


def _value(parameter: Mapping[str, Any], previous: Mapping[str, str]) -> str:
    name = parameter["ParameterKey"]
    if not parameter.get("UsePreviousValue"):
        return str(parameter.get("ParameterValue", ""))
    if parameter.get("ParameterValue"):
        raise RequestError(
            f"Invalid input for parameter key {name}. Cannot specify usePreviousValue as true and "
            "non empty value for a parameter"
        )
    if name not in previous:
        raise RequestError(
            f"Invalid input for parameter key {name}. Cannot specify usePreviousValue as true for "
            "a parameter key not in the previous template"
        )
    return previous[name]


def _tags(response: CloudFormationResponse) -> dict[str, str] | None:
    """Return the tags of a request; None, which leaves a stack's as they are, without any."""
    return {tag["Key"]: tag["Value"] for tag in response._get_param("Tags") or []} or None


def _answering(method: Method) -> Callable[[CloudFormationResponse], ActionResult]:
    @wraps(method)
    def call(self: CloudFormationResponse) -> ActionResult:
        try:
            return ActionResult(method(self))
        except AlreadyExistsError as error:
            raise AlreadyExistsException(str(error)) from error
        except RequestError as error:
            raise ValidationError(message=str(error)) from error

    return call


def close() -> None:
    """Read the requests in full, and add the ways back."""
    methods: tuple[Method, ...] = (
        _create_stack,
        _update_stack,
        _create_change_set,
        _execute_change_set,
        _delete_change_set,
        _cancel_update_stack,
        _continue_update_rollback,
        _rollback_stack,
    )
    for method in methods:
        name = method.__name__.removeprefix("_")
        setattr(responses.CloudFormationResponse, name, _answering(method))
