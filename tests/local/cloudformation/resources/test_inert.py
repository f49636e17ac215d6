"""Resources that nothing implements here: they are created and listed, and fail no stack."""

from __future__ import annotations

import pytest

from ops.local import assumptions
from ops.local.cloudformation import exports
from tests.local.stacks import Stacks, outputs, queue, template


@pytest.fixture(autouse=True)
def no_notes() -> None:
    assumptions.take()


def test_a_type_that_moto_does_not_know(stacks: Stacks, name: str) -> None:
    cache = {"Type": "AWS::ElastiCache::ServerlessCache", "Properties": {"Engine": "redis"}}
    got = {
        "Address": {"Value": {"Fn::GetAtt": ["Cache", "Endpoint.Address"]}},
        "Arn": {"Value": {"Fn::GetAtt": ["Cache", "ARN"]}},
        "Name": {"Value": {"Ref": "Cache"}},
    }
    found = outputs(stacks.create(name, template({"Cache": cache}, Outputs=got)))
    assert found["Address"].endswith(".elasticache.eu-central-1.local")
    assert found["Arn"].startswith("arn:aws:elasticache:eu-central-1:123456789012:")
    assert found["Name"].startswith(name)
    (note,) = assumptions.take()
    assert note == "AWS::ElastiCache::ServerlessCache `Cache` is created but not served"


def test_its_update_keeps_its_name_and_its_deletion_succeeds(stacks: Stacks, name: str) -> None:
    def declared(engine: str) -> dict[str, object]:
        cache = {"Type": "AWS::ElastiCache::ServerlessCache", "Properties": {"Engine": engine}}
        return template({"Cache": cache}, Outputs={"Name": {"Value": {"Ref": "Cache"}}})

    first = outputs(stacks.create(name, declared("redis")))
    assert outputs(stacks.update(name, declared("valkey"))) == first
    assert stacks.delete(name)["StackStatus"] == "DELETE_COMPLETE"


def test_a_scaling_target_that_a_function_would_name_is_only_recorded(
    stacks: Stacks, name: str
) -> None:
    target = {
        "ServiceNamespace": "ecs",
        "ScalableDimension": "ecs:service:DesiredCount",
        "ResourceId": {"Fn::GetAtt": ["Finder", "ServiceId"]},
        "MinCapacity": 1,
        "MaxCapacity": 4,
    }
    policy = {
        "PolicyName": "depth",
        "PolicyType": "StepScaling",
        "ScalingTargetId": {"Ref": "Target"},
    }
    declared = template(
        {
            "Finder": {"Type": "Custom::FindService", "Properties": {"Of": "worker"}},
            "Target": {
                "Type": "AWS::ApplicationAutoScaling::ScalableTarget",
                "Properties": target,
            },
            "Policy": {"Type": "AWS::ApplicationAutoScaling::ScalingPolicy", "Properties": policy},
        }
    )
    assert stacks.create(name, declared)["StackStatus"] == "CREATE_COMPLETE"
    notes = assumptions.take()
    for logical in ("Target", "Policy"):
        assert any(note.startswith(f"`{logical}` scales nothing here") for note in notes)
    assert stacks.delete(name)["StackStatus"] == "DELETE_COMPLETE"


def test_a_scaling_target_of_no_service_still_fails(stacks: Stacks, name: str) -> None:
    target = {
        "ServiceNamespace": "ecs",
        "ScalableDimension": "ecs:service:DesiredCount",
        "ResourceId": "service/none/none",
        "MinCapacity": 1,
        "MaxCapacity": 4,
    }
    type_name = "AWS::ApplicationAutoScaling::ScalableTarget"
    resources = {"Target": {"Type": type_name, "Properties": target}}
    assert stacks.create(name, template(resources))["StackStatus"] == "ROLLBACK_COMPLETE"


def test_an_export_is_refused_until_it_is_assumed(stacks: Stacks, name: str) -> None:
    """`ops local up` assumes an export once no remaining workload could export it."""

    def importing(suffix: str) -> dict[str, object]:
        value = {"Value": {"Fn::ImportValue": f"{name}-BucketArn"}}
        return template({"Queue": queue(f"{name}-{suffix}")}, Outputs={"Got": value})

    refused = stacks.create(f"{name}-one", importing("one"))
    assert refused["StackStatus"] == "ROLLBACK_COMPLETE"
    missing = exports.missing_in(refused["StackStatusReason"])
    assert missing == {f"{name}-BucketArn"}
    assert exports.assume(missing)
    assert not exports.assume(missing)
    assert outputs(stacks.create(f"{name}-two", importing("two"))) == {
        "Got": "arn:aws:s3:::placeholder"
    }
    assert assumptions.take() == [
        f"the export {name}-BucketArn is a placeholder: no stack here has it"
    ]
