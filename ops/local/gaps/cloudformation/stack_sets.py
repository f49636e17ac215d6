"""Stack sets, with which Copilot deploys an application's shared resources into each region.

AWS: a stack instance is a stack named `StackSet-<set>-<uuid>`; updating the set updates its
instances; an operation has the id of its request; GetTemplateSummary accepts a set's name and
returns the template's metadata as JSON text.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/what-is-cfnstacksets.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_GetTemplateSummary.html

moto: an instance's stack has another name than the instance reports; an update of the set does not
change its instances; OperationId and StackSetName are ignored; metadata is not text.
"""

from __future__ import annotations

import json
import uuid
from typing import Any

from moto.cloudformation import models, responses
from moto.cloudformation.exceptions import ValidationError
from moto.cloudformation.models import StackInstance, StackSet, cloudformation_backends
from moto.core.responses import ActionResult

from ops.local.cloudformation.template import parse
from ops.local.gaps.cloudformation import stacks as cloudformation


def _create_instance(
    self: StackInstance, account_id: str, region_name: str, stackset_id: str, stack_name: str,
    name: str, template: str, parameters: Any, permission_model: str,
) -> None:  # fmt: skip
    self.account_id, self.region_name = account_id, region_name
    self.stackset_id, self.stack_name, self.name = stackset_id, stack_name, name
    self.template, self.permission_model = template, permission_model
    self.parameters = parameters or []
    backend = cloudformation_backends[account_id][region_name]
    stack_set = backend.describe_stack_set(name)
    self.stack = backend.create_stack(
        name=f"StackSet-{name}-{uuid.uuid4()}",
        template=template,
        parameters=_values(self.parameters),
        tags=stack_set.tags or {},
    )
    cloudformation.settle(backend, self.stack)  # type: ignore[arg-type]


def _values(parameters: Any) -> dict[str, str]:
    if isinstance(parameters, dict):
        return parameters
    return {p["ParameterKey"]: p["ParameterValue"] for p in parameters}


def _instance_to_dict(self: StackInstance) -> dict[str, Any]:
    return {
        "StackId": self.stack.stack_id,
        "StackSetId": self.stackset_id,
        "Region": self.region_name,
        "Account": self.account_id,
        "Status": "CURRENT" if _has_succeeded(self) else "OUTDATED",
        "StatusReason": self.stack.stack_status_reason,  # type: ignore[attr-defined]
        "ParameterOverrides": [],
        "StackInstanceStatus": {
            "DetailedStatus": "SUCCEEDED" if _has_succeeded(self) else "FAILED"
        },
    }


def _has_succeeded(instance: StackInstance) -> bool:
    return instance.stack.status in {"CREATE_COMPLETE", "UPDATE_COMPLETE"}


def _delete_instance(self: StackInstance) -> None:
    backend = cloudformation_backends[self.account_id][self.region_name]
    backend.delete_stack(self.stack.stack_id)
    cloudformation.settle(backend, self.stack)  # type: ignore[arg-type]


def _update(
    self: StackSet, template: str, description: str, parameters: dict[str, str],
    tags: dict[str, str], admin_role: str, execution_role: str, accounts: list[str],
    regions: list[str], operation_id: str | None,
) -> dict[str, Any]:  # fmt: skip
    self.template = template or self.template
    self.description = description or self.description
    self.parameters = parameters or self.parameters
    self.tags = tags or self.tags
    self.administration_role_arn = admin_role or self.administration_role_arn
    self.execution_role_name = execution_role or self.execution_role_name
    self.instances.template = self.template
    status = "SUCCEEDED"
    for instance in self.stack_instances:
        if not _update_instance(self, instance):
            status = "FAILED"
    return self._create_operation(
        operation_id or str(uuid.uuid4()), "UPDATE", status, accounts, regions
    )


def _update_instance(stack_set: StackSet, instance: StackInstance) -> bool:
    """Update the instance's stack; return whether it now matches the set."""
    backend = cloudformation_backends[instance.account_id][instance.region_name]
    given = [
        {"ParameterKey": key, "ParameterValue": value}
        for key, value in _values(stack_set.parameters or {}).items()
    ]
    try:
        stack = backend.update_stack(
            instance.stack.name, stack_set.template, None, given, stack_set.tags
        )
    except ValidationError as error:
        return "No updates" in str(error)
    cloudformation.settle(backend, stack)  # type: ignore[arg-type]
    return _has_succeeded(instance)


def _template_summary(self: responses.CloudFormationResponse) -> Any:
    if name := self._get_param("StackSetName"):
        body = self.cloudformation_backend.describe_stack_set(name).template
    elif name := self._get_param("StackName"):
        stack = self.cloudformation_backend.get_stack(name)
        if stack.status == "REVIEW_IN_PROGRESS":
            raise ValidationError(
                message="GetTemplateSummary cannot be called on REVIEW_IN_PROGRESS stacks."
            )
        body = stack.template  # type: ignore[assignment]
    else:
        url = self._get_param("TemplateURL")
        body = self._get_stack_from_s3_url(url) if url else self._get_param("TemplateBody")
    return ActionResult(_summary(body))


def _summary(body: str) -> dict[str, Any]:
    template = parse(body)
    declared = template.get("Parameters") or {}
    return {
        "Description": template.get("Description"),
        "Version": template.get("AWSTemplateFormatVersion"),
        "Metadata": json.dumps(template.get("Metadata") or {}, ensure_ascii=False),
        "ResourceTypes": [resource["Type"] for resource in template["Resources"].values()],
        "Parameters": [
            {
                "ParameterKey": name,
                "ParameterType": parameter.get("Type", "String"),
                "DefaultValue": parameter.get("Default"),
                "Description": parameter.get("Description", ""),
                "NoEcho": parameter.get("NoEcho", False),
                "ParameterConstraints": {"AllowedValues": parameter.get("AllowedValues", [])},
            }
            for name, parameter in declared.items()
        ],
    }


def close() -> None:
    """Update a stack set's instances with it, and summarise its template."""
    models.StackInstance.__init__ = _create_instance  # type: ignore[method-assign]
    models.StackInstance.delete = _delete_instance  # type: ignore[method-assign]
    models.StackInstance.to_dict = _instance_to_dict  # type: ignore[method-assign]
    models.StackSet.update = _update  # type: ignore[method-assign]
    responses.CloudFormationResponse.get_template_summary = _template_summary  # type: ignore[method-assign]
