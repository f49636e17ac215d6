"""Targets of EventBridge rules with roles that EventBridge cannot assume."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from collections.abc import Callable


def put_target(client: Callable[[str], Any], name: str, role: str) -> None:
    events = client("events")
    events.put_rule(Name=name, EventPattern=json.dumps({"source": ["aws.ecs"]}))
    topic = f"arn:aws:sns:eu-central-1:123456789012:{name}"
    events.put_targets(Rule=name, Targets=[{"Id": "ops", "Arn": topic, "RoleArn": role}])


def make_role(client: Callable[[str], Any], name: str, service: str) -> str:
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": "sts:AssumeRole",
    }
    trust = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    made = client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=trust)
    arn: str = made["Role"]["Arn"]
    return arn


def test_moto_still_takes_any_role(moto: Callable[[str], Any], name: str) -> None:
    put_target(moto, name, "arn:aws:iam::123456789012:role/nobody")


def test_a_role_that_does_not_exist_is_refused(embedded: Callable[[str], Any], name: str) -> None:
    with pytest.raises(ClientError, match="cannot be assumed by principal"):
        put_target(embedded, name, "arn:aws:iam::123456789012:role/nobody")


def test_a_role_that_trusts_another_service_is_refused(
    embedded: Callable[[str], Any], name: str
) -> None:
    role = make_role(embedded, name, "ecs-tasks.amazonaws.com")
    with pytest.raises(ClientError, match="cannot be assumed"):
        put_target(embedded, name, role)


def test_a_role_that_trusts_eventbridge_is_taken(embedded: Callable[[str], Any], name: str) -> None:
    put_target(embedded, name, make_role(embedded, name, "events.amazonaws.com"))
    [target] = embedded("events").list_targets_by_rule(Rule=name)["Targets"]
    assert target["RoleArn"].endswith(f":role/{name}")
