"""Copilot's custom resources, which are Lambda functions on AWS.

The embedded AWS does not run Lambda. Each function here does the same as the one with its name in
Copilot's `cf-custom-resources`, with the same API calls.
"""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING, Any

from ops.local.cloudformation.resources.base import Context, Made, Properties, ResourceType
from ops.local.cloudformation.resources.inert import Inert
from ops.local.cloudformation.template import TemplateError

if TYPE_CHECKING:
    from collections.abc import Callable

    from ops.local.cloudformation.stack import Resource, Stack

_FIRST_ROOT_PRIORITY = 48_000
_LAST_ROOT_PRIORITY = 50_000
_PRIORITIES = threading.Lock()
_issued: dict[str, set[int]] = {}
_PHYSICAL_ID = "PhysicalResourceId"


class CustomResource(ResourceType):
    """Copilot's custom resource of a type `Custom::…`."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._inert = Inert(name, "is answered with placeholders: no Lambda function runs here")

    def create(self, context: Context, properties: Properties) -> Made:
        """Call the function for Create."""
        return self._call(context, properties, context.generated_name(self._name))

    def update(self, context: Context, resource: Resource, properties: Properties) -> Made:
        """Call the function for Update."""
        return self._call(context, properties, resource.physical_resource_id)

    def delete(self, context: Context, resource: Resource) -> None:
        """Call the function for Delete, if it supports that."""
        if self._name == "Custom::EnvControllerFunction":
            _env_controller(context, resource.properties | {"Parameters": [], "Aliases": []})

    def _call(self, context: Context, properties: Properties, physical_id: str) -> Made:
        function = _FUNCTIONS.get(self._name)
        if function is None:
            return self._inert.create(context, properties)
        data = function(context, properties)
        return Made(data.pop(_PHYSICAL_ID, physical_id), data)

    def attribute(self, resource: Resource, name: str) -> Any:
        """Return the function's answer; a placeholder for a function that does not run here."""
        if self._name in _FUNCTIONS:
            return super().attribute(resource, name)
        return self._inert.attribute(resource, name)


def _env_controller(context: Context, properties: Properties) -> dict[str, Any]:
    """Update the environment's stack with the needs of its workloads, and return its outputs."""
    stack = context.world.find(properties["EnvStack"])
    lists = set(properties.get("Parameters", []))
    # Another service's deploy may be changing the environment: the function waits for that, too.
    with stack.lock:
        parameters = _with_workload(stack.stack_parameters, properties["Workload"], lists)
        if parameters != stack.stack_parameters:
            context.world.apply_stack(stack, stack.template, parameters, None)
            _check_updated(stack)
    return {
        output["OutputKey"]: output["OutputValue"]
        for output in stack.outputs
        if output["OutputKey"] not in {"EnabledFeatures", "LastForceDeployID"}
    }


def _with_workload(parameters: dict[str, str], workload: str, lists: set[str]) -> dict[str, str]:
    """Return the parameters with the workload in the given lists and in no other."""
    changed = dict(parameters)
    for name, value in parameters.items():
        users = [user for user in value.split(",") if user]
        is_list = name.endswith("Workloads")
        # The order is kept where nothing changes, so that nothing seems to change.
        if is_list and name in lists and workload not in users:
            changed[name] = ",".join([*users, workload])
        elif is_list and name not in lists and workload in users:
            changed[name] = ",".join(user for user in users if user != workload)
    return changed


def _check_updated(stack: Stack) -> None:
    if stack.status != "UPDATE_COMPLETE":
        raise TemplateError(
            f"Environment stack {stack.name} could not be updated: {stack.stack_status_reason}"
        )


def _desired_count(context: Context, properties: Properties) -> dict[str, Any]:
    """Return the current count of the service, so that a deployment does not undo its
    autoscaling.
    """
    default = {"DesiredCount": properties["DefaultDesiredCount"]}
    tags = {
        "copilot-application": properties["App"],
        "copilot-environment": properties["Env"],
        "copilot-service": properties["Svc"],
    }
    resources = context.world.client("resourcegroupstaggingapi").get_resources(
        ResourceTypeFilters=["ecs:service"],
        TagFilters=[{"Key": key, "Values": [value]} for key, value in tags.items()],
    )["ResourceTagMappingList"]
    if len(resources) != 1:
        return default
    services = context.world.client("ecs").describe_services(
        cluster=properties["Cluster"], services=[resources[0]["ResourceARN"]]
    )["services"]
    return {"DesiredCount": services[0]["desiredCount"]} if services else default


def _rule_priority(context: Context, properties: Properties) -> dict[str, Any]:
    """Return the next free priority of a listener rule; those of the path `/` count down from the
    end.
    """
    listener = properties["ListenerArn"]
    with _PRIORITIES:
        taken = _taken_priorities(context, listener) | _issued.get(listener, set())
        priorities = _free_priorities(taken, properties["RulePath"])
        # Two services that are deployed at once get different ones, before either has its rule.
        _issued.setdefault(listener, set()).update(priorities.values())
    return priorities


def _taken_priorities(context: Context, listener: str) -> set[int]:
    paginator = context.world.client("elbv2").get_paginator("describe_rules")
    return {
        int(rule["Priority"])
        for page in paginator.paginate(ListenerArn=listener)
        for rule in page["Rules"]
        if rule["Priority"] != "default"
    }


def _free_priorities(taken: set[int], paths: list[str]) -> dict[str, int]:
    roots = [priority for priority in taken if priority >= _FIRST_ROOT_PRIORITY]
    root = min([_LAST_ROOT_PRIORITY + 1, *roots]) - 1
    other = max([0, *(p for p in taken if p < _FIRST_ROOT_PRIORITY)]) + 1
    priorities: dict[str, int] = {}
    for index, path in enumerate(paths):
        key = f"Priority{index or ''}"
        if path == "/":
            priorities[key], root = root, root - 1
        else:
            priorities[key], other = other, other + 1
    return priorities


def _unique_values(_context: Context, properties: Properties) -> dict[str, Any]:
    """Return the aliases of all workloads without duplicates."""
    aliases = json.loads(properties.get("Aliases") or "{}")
    kept = set(properties.get("FilterFor", []))
    values = {alias for name, list_ in aliases.items() if name in kept for alias in list_}
    return {"UniqueValues": sorted(values | set(properties.get("AdditionalStrings", [])))}


def _certificate(context: Context, properties: Properties) -> dict[str, Any]:
    """Return a certificate for the names that the workload or environment has."""
    names = [*properties.get("Aliases", ()), properties.get("EnvDomain") or ""]
    domain = properties.get("DomainName") or "example"
    aliases = dict.fromkeys(name for name in (domain, *names) if isinstance(name, str) and name)
    arn = context.world.client("acm").request_certificate(
        DomainName=domain, SubjectAlternativeNames=list(aliases), ValidationMethod="DNS"
    )["CertificateArn"]
    return {"Arn": arn, _PHYSICAL_ID: arn}


def _replicated(_context: Context, properties: Properties) -> dict[str, Any]:
    """Return the certificate unchanged: the embedded AWS has no CloudFront."""
    arn = properties["CertificateArn"]
    return {"Arn": arn, _PHYSICAL_ID: arn}


def _nothing(_context: Context, _properties: Properties) -> dict[str, Any]:
    """Return no attributes. Names are not resolved here, and deleting a stack empties
    its buckets.
    """
    return {}


_FUNCTIONS: dict[str, Callable[[Context, Properties], dict[str, Any]]] = {
    "Custom::BucketCleanerFunction": _nothing,
    "Custom::CertificateReplicatorFunction": _replicated,
    "Custom::CertificateValidationFunction": _certificate,
    "Custom::CustomDomainFunction": _nothing,
    "Custom::DNSDelegationFunction": _nothing,
    "Custom::EnvControllerFunction": _env_controller,
    "Custom::DynamicDesiredCountFunction": _desired_count,
    "Custom::NLBCertValidatorFunction": _certificate,
    "Custom::NLBCustomDomainFunction": _nothing,
    "Custom::RulePriorityFunction": _rule_priority,
    "Custom::TriggerStateMachine": _nothing,
    "Custom::UniqueJSONValuesFunction": _unique_values,
}
