"""Alarm mute rules, and the tags of scalable targets."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError
from botocore.parsers import ResponseParserError

from tests.ops.support.existing_alarm import put_alarm

if TYPE_CHECKING:
    from collections.abc import Callable

TAGS = {"managed-by": "ops"}


def rule(expression: str) -> dict[str, Any]:
    return {"Schedule": {"Expression": expression, "Duration": "PT12H", "Timezone": "UTC"}}


def target(client: Callable[[str], Any], name: str) -> str:
    """Return the ARN of a scalable target with tags."""
    ecs = client("ecs")
    ecs.create_cluster(clusterName=name)
    container = {"name": "main", "image": "x", "memory": 128}
    ecs.register_task_definition(family=name, containerDefinitions=[container])
    ecs.create_service(cluster=name, serviceName=name, taskDefinition=name, desiredCount=0)
    answer: dict[str, str] = client("application-autoscaling").register_scalable_target(
        ServiceNamespace="ecs",
        ResourceId=f"service/{name}/{name}",
        ScalableDimension="ecs:service:DesiredCount",
        MinCapacity=0,
        MaxCapacity=1,
        Tags=TAGS,
    )
    return answer["ScalableTargetARN"]


def test_moto_still_has_no_mute_rules_and_no_tags_of_targets(
    moto: Callable[[str], Any], name: str
) -> None:
    arn = target(moto, name)
    with pytest.raises((ClientError, ResponseParserError), match=r"\b500\b"):
        moto("application-autoscaling").list_tags_for_resource(ResourceARN=arn)
    with pytest.raises((ClientError, ResponseParserError), match=r"\b500\b"):
        moto("cloudwatch").put_alarm_mute_rule(Name=name, Rule=rule("cron(0 19 * * *)"))


def test_a_target_keeps_its_tags(embedded: Callable[[str], Any], name: str) -> None:
    client = embedded("application-autoscaling")
    assert client.list_tags_for_resource(ResourceARN=target(embedded, name))["Tags"] == TAGS


def test_a_mute_rule_is_kept_with_its_tags_and_dates(
    embedded: Callable[[str], Any], name: str
) -> None:
    client = embedded("cloudwatch")
    with pytest.raises(ClientError, match=r"ValidationError.* do not exist"):
        client.put_alarm_mute_rule(
            Name=name, Rule=rule("cron(0 19 * * *)"), MuteTargets={"AlarmNames": [name]}
        )
    put_alarm(client, name)
    client.put_alarm_mute_rule(
        Name=name,
        Rule=rule("cron(0 19 * * *)"),
        MuteTargets={"AlarmNames": [name]},
        ExpireDate="2099-01-01T00:00:00Z",
        Tags=[{"Key": "managed-by", "Value": "ops"}],
    )
    found = client.get_alarm_mute_rule(AlarmMuteRuleName=name)
    assert (found["Rule"], found["MuteTargets"]) == (
        rule("cron(0 19 * * *)"),
        {"AlarmNames": [name]},
    )
    assert (found["ExpireDate"], found["Status"]) == (datetime(2099, 1, 1, tzinfo=UTC), "SCHEDULED")
    tags = client.list_tags_for_resource(ResourceARN=found["AlarmMuteRuleArn"])["Tags"]
    assert tags == [{"Key": "managed-by", "Value": "ops"}]
    client.delete_alarm_mute_rule(AlarmMuteRuleName=name)
    client.delete_alarm_mute_rule(AlarmMuteRuleName=name)
    with pytest.raises(ClientError, match="ResourceNotFound"):
        client.get_alarm_mute_rule(AlarmMuteRuleName=name)


def test_a_rule_for_once_ends(embedded: Callable[[str], Any], name: str) -> None:
    client = embedded("cloudwatch")
    client.put_alarm_mute_rule(Name=name, Rule=rule("at(2020-01-01T19:00)"))
    found = client.list_alarm_mute_rules()["AlarmMuteRuleSummaries"]
    [status] = [each["Status"] for each in found if each["AlarmMuteRuleArn"].endswith(f":{name}")]
    assert status == "EXPIRED"
    client.delete_alarm_mute_rule(AlarmMuteRuleName=name)
