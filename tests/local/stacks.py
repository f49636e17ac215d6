"""Helpers to create, update and delete stacks through CloudFormation's API, and templates."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.waiting import until

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ops.local.endpoint.server import EmbeddedAws

REGION = "eu-central-1"
ACCOUNT = "123456789012"

Template = dict[str, Any]


class Stacks:
    """Stacks through the API; each operation is awaited."""

    def __init__(self, aws: EmbeddedAws) -> None:
        self.api = aws.client("cloudformation")
        self.client = aws.client

    def create(
        self,
        name: str,
        template: Template,
        parameters: Mapping[str, str] | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        """Create a stack, and return it once it is complete or rolled back."""
        self.api.create_stack(StackName=name, **_request(template, parameters, tags))
        return self.settled(name)

    def update(
        self,
        name: str,
        template: Template,
        parameters: Mapping[str, str] | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        """Update a stack, and return it once it is complete or rolled back."""
        self.api.update_stack(StackName=name, **_request(template, parameters, tags))
        return self.settled(name)

    def delete(self, name: str) -> dict[str, Any]:
        """Return the stack once it has been deleted, or its deletion has failed."""
        identifier = self.described(name)["StackId"]
        self.api.delete_stack(StackName=name)
        return self.settled(identifier)

    def described(self, name_or_id: str) -> dict[str, Any]:
        """Return the stack's current description."""
        (stack,) = self.api.describe_stacks(StackName=name_or_id)["Stacks"]
        return dict(stack)

    def settled(self, name_or_id: str) -> dict[str, Any]:
        """Return the stack once no operation on it is in progress."""

        def look() -> dict[str, Any] | None:
            stack = self.described(name_or_id)
            return None if stack["StackStatus"].endswith("_IN_PROGRESS") else stack

        return until(f"{name_or_id} settles", look) or {}

    def change_set(
        self,
        name: str,
        template: Template,
        parameters: Mapping[str, str] | None = None,
        tags: Mapping[str, str] | None = None,
        kind: str = "UPDATE",
    ) -> dict[str, Any]:
        """Return the description of a new change set."""
        made = self.api.create_change_set(
            StackName=name,
            ChangeSetName="changes",
            ChangeSetType=kind,
            **_request(template, parameters, tags),
        )
        return dict(self.api.describe_change_set(ChangeSetName=made["Id"], StackName=name))

    def physical_ids(self, name: str) -> dict[str, str]:
        """Return the physical ID of each resource by its logical ID."""
        resources = self.api.describe_stack_resources(StackName=name)["StackResources"]
        return {each["LogicalResourceId"]: each["PhysicalResourceId"] for each in resources}

    def events(self, name: str) -> list[str]:
        """Return each event as `LogicalId STATUS`, the oldest first."""
        events = self.api.describe_stack_events(StackName=name)["StackEvents"]
        return [f"{each['LogicalResourceId']} {each['ResourceStatus']}" for each in events[::-1]]

    def reason(self, name: str, event: str) -> str:
        """Return the reason in the last event `LogicalId STATUS`."""
        events = self.api.describe_stack_events(StackName=name)["StackEvents"]
        return str(
            next(
                each["ResourceStatusReason"]
                for each in events
                if f"{each['LogicalResourceId']} {each['ResourceStatus']}" == event
            )
        )

    def has_queue(self, name: str) -> bool:
        """Return whether a queue of that name exists."""
        answer = self.client("sqs").list_queues(QueueNamePrefix=name)
        return any(url.endswith(f"/{name}") for url in answer.get("QueueUrls", []))

    def queue(self, name: str) -> dict[str, str]:
        """Return a queue. In `more`, a capitalized name is a property, another an attribute of the
        resource.
        """
        client = self.client("sqs")
        url = client.get_queue_url(QueueName=name)["QueueUrl"]
        found = client.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        return dict(found)


def outputs(stack: Mapping[str, Any]) -> dict[str, str]:
    """Return a stack's outputs by their keys."""
    return {each["OutputKey"]: each["OutputValue"] for each in stack.get("Outputs", [])}


def template(resources: Template, **sections: object) -> Template:
    """Return a template of `resources` and other sections."""
    return {"Resources": resources, **sections}


def queue(name: object, **more: object) -> Template:
    """Return a queue's attributes."""
    properties = {key: value for key, value in more.items() if key[0].isupper()}
    policies = {"deletion_policy": "DeletionPolicy", "replace_policy": "UpdateReplacePolicy"}
    declaration = {policies[key]: value for key, value in more.items() if key in policies}
    return {
        "Type": "AWS::SQS::Queue",
        "Properties": {"QueueName": name, **properties},
        **declaration,
    }


IMPOSSIBLE: Template = {
    "Type": "AWS::ECS::TaskDefinition",
    "Properties": {
        "Family": "impossible",
        "RequiresCompatibilities": ["FARGATE"],
        "Cpu": "256",
        "Memory": "4096",
        "ContainerDefinitions": [{"Name": "main", "Image": "nginx"}],
    },
}
"""A resource that can't be made: Fargate has no such size."""


def _request(
    template: Template, parameters: Mapping[str, str] | None, tags: Mapping[str, str] | None
) -> dict[str, Any]:
    given = parameters or {}
    return {
        "TemplateBody": json.dumps(template),
        "Parameters": [{"ParameterKey": k, "ParameterValue": v} for k, v in given.items()],
        "Tags": [{"Key": key, "Value": value} for key, value in (tags or {}).items()],
    }
