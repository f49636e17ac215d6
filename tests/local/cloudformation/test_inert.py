"""Resources that nothing serves here: created, noted, and never a failure of the stack."""

from __future__ import annotations

import pytest

from ops.local import assumptions
from tests.local.stacks import Stacks, outputs, template


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


def test_an_export_of_another_team_is_assumed_and_one_of_the_application_is_not(
    stacks: Stacks, name: str
) -> None:
    def importing(export: str) -> dict[str, object]:
        value = {"Value": {"Fn::ImportValue": export}}
        queue = {"Type": "AWS::SQS::Queue", "Properties": {}}
        return template({"Queue": queue}, Outputs={"Got": value})

    tags = {"copilot-application": "shop"}
    assert outputs(stacks.create(name, importing("network-VpcId"), tags=tags))["Got"]
    assert assumptions.take() == ["the export network-VpcId of another stack is `placeholder`"]
    refused = stacks.create(f"{name}-own", importing("shop-prod-QueueArn"), tags=tags)
    assert refused["StackStatus"] == "ROLLBACK_COMPLETE"
    assert "No export named shop-prod-QueueArn found" in refused["StackStatusReason"]
