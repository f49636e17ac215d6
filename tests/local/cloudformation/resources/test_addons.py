"""Resources of addons, created as far as a stack needs them."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Any

import pytest

from ops.local.cloudformation.resources.types.secrets import PLACEHOLDER_TAG
from tests.local.stacks import Stacks, outputs, template
from tests.waiting import WAIT

if TYPE_CHECKING:
    from ops.local.endpoint.server import EmbeddedAws

GENERATED = {
    "GenerateSecretString": {
        "SecretStringTemplate": '{"username": "postgres"}',
        "GenerateStringKey": "password",
        "PasswordLength": 16,
        "ExcludePunctuation": True,
    }
}


def declared(kind: str, **properties: object) -> dict[str, object]:
    return template(
        {"It": {"Type": kind, "Properties": properties}}, Outputs={"It": {"Value": {"Ref": "It"}}}
    )


def test_a_generated_secret_has_a_value(stacks: Stacks, name: str) -> None:
    """Check that a task can start with the secret of the database of an addon."""
    made = outputs(stacks.create(name, declared("AWS::SecretsManager::Secret", **GENERATED)))
    found = stacks.client("secretsmanager").get_secret_value(SecretId=made["It"])
    value = json.loads(found["SecretString"])
    assert value["username"] == "postgres"
    assert len(value["password"]) == 16


def test_a_stacks_own_values_replace_placeholders_of_their_names(stacks: Stacks, name: str) -> None:
    stacks.client("ssm").put_parameter(
        Name=f"/{name}", Value="placeholder", Type="SecureString", Tags=[PLACEHOLDER_TAG]
    )
    stacks.client("secretsmanager").create_secret(
        Name=name, SecretString="placeholder", Tags=[PLACEHOLDER_TAG]
    )
    parameter = declared("AWS::SSM::Parameter", Name=f"/{name}", Type="String", Value="own")
    assert outputs(stacks.create(f"{name}-p", parameter))["It"] == f"/{name}"
    got = stacks.client("ssm").get_parameter(Name=f"/{name}")["Parameter"]
    assert got["Value"] == "own"
    secret = declared("AWS::SecretsManager::Secret", Name=name, SecretString="own")
    made = outputs(stacks.create(f"{name}-s", secret))["It"]
    value = stacks.client("secretsmanager").get_secret_value(SecretId=made)
    assert value["SecretString"] == "own"


def test_a_parameter_has_the_tags_of_its_stack(stacks: Stacks, name: str) -> None:
    def tags() -> dict[str, str]:
        found = stacks.client("ssm").list_tags_for_resource(
            ResourceType="Parameter", ResourceId=f"/{name}"
        )
        return {tag["Key"]: tag["Value"] for tag in found["TagList"]}

    parameter = declared(
        "AWS::SSM::Parameter", Name=f"/{name}", Type="String", Value="own", Tags={"team": "a"}
    )
    stacks.create(name, parameter, tags={"copilot-application": "shop", "team": "b"})
    assert tags() == {"copilot-application": "shop", "team": "a"}
    stacks.update(name, parameter, tags={"copilot-application": "store"})
    assert tags() == {"copilot-application": "store", "team": "a"}


def test_an_access_point_has_the_identifier_that_its_service_knows(
    stacks: Stacks, name: str
) -> None:
    resources = {
        "Files": {"Type": "AWS::EFS::FileSystem"},
        "Point": {
            "Type": "AWS::EFS::AccessPoint",
            "Properties": {"FileSystemId": {"Ref": "Files"}},
        },
    }
    got = {
        "Id": {"Value": {"Ref": "Point"}},
        "Arn": {"Value": {"Fn::GetAtt": ["Point", "Arn"]}},
    }
    made = outputs(stacks.create(name, template(resources, Outputs=got)))
    [point] = stacks.client("efs").describe_access_points(AccessPointId=made["Id"])["AccessPoints"]
    assert made["Arn"] == point["AccessPointArn"]
    assert stacks.delete(name)["StackStatus"] == "DELETE_COMPLETE"


def test_a_subnet_group_without_a_name_is_found_by_its_reference(stacks: Stacks, name: str) -> None:
    subnets = stacks.client("ec2").describe_subnets()["Subnets"][:2]
    group = declared(
        "AWS::RDS::DBSubnetGroup",
        DBSubnetGroupDescription="for tests",
        SubnetIds=[subnet["SubnetId"] for subnet in subnets],
    )
    made = outputs(stacks.create(name, group))["It"]
    assert stacks.client("rds").describe_db_subnet_groups(DBSubnetGroupName=made)


def test_a_parameter_that_exists_is_a_conflict(stacks: Stacks, name: str) -> None:
    stacks.client("ssm").put_parameter(Name=f"/{name}", Value="theirs", Type="String")
    parameter = declared("AWS::SSM::Parameter", Name=f"/{name}", Type="String", Value="own")
    assert stacks.create(f"{name}-p", parameter)["StackStatus"] == "ROLLBACK_COMPLETE"


def test_a_network_load_balancer_takes_a_tcp_listener(stacks: Stacks, name: str) -> None:
    subnets = stacks.client("ec2").describe_subnets()["Subnets"]
    balancer = {
        "Type": "AWS::ElasticLoadBalancingV2::LoadBalancer",
        "Properties": {"Type": "network", "Subnets": [each["SubnetId"] for each in subnets[:2]]},
    }
    group = {
        "Type": "AWS::ElasticLoadBalancingV2::TargetGroup",
        "Properties": {
            "Port": 80, "Protocol": "TCP", "TargetType": "ip", "VpcId": subnets[0]["VpcId"],
        },
    }  # fmt: skip
    listener = {
        "Type": "AWS::ElasticLoadBalancingV2::Listener",
        "Properties": {
            "LoadBalancerArn": {"Ref": "Balancer"}, "Port": 80, "Protocol": "TCP",
            "DefaultActions": [{"Type": "forward", "TargetGroupArn": {"Ref": "Group"}}],
        },
    }  # fmt: skip
    resources = {"Balancer": balancer, "Group": group, "Listener": listener}
    stack = stacks.create(
        name, template(resources, Outputs={"Arn": {"Value": {"Ref": "Balancer"}}})
    )
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    arn = outputs(stack)["Arn"]
    described = stacks.client("elbv2").describe_load_balancers(LoadBalancerArns=[arn])
    assert described["LoadBalancers"][0]["Type"] == "network"


def test_an_app_runner_service_is_described_with_its_settings(
    stacks: Stacks, aws: EmbeddedAws, name: str
) -> None:
    """Copilot reads the URL of a Request-Driven Web Service after it has deployed it."""
    image = {"Port": "80", "RuntimeEnvironmentVariables": [{"Name": "COLOUR", "Value": "red"}]}
    repository = {
        "ImageIdentifier": "shop", "ImageRepositoryType": "ECR", "ImageConfiguration": image,
    }  # fmt: skip
    source = {"ImageRepository": repository}
    made = declared("AWS::AppRunner::Service", ServiceName=name, SourceConfiguration=source)
    arn = outputs(stacks.create(name, made))["It"]
    found = ask(aws, "DescribeService", ServiceArn=arn)["Service"]
    assert found["Status"] == "RUNNING"
    configured = found["SourceConfiguration"]["ImageRepository"]["ImageConfiguration"]
    assert configured["RuntimeEnvironmentVariables"] == {"COLOUR": "red"}
    assert found["ServiceUrl"]
    stacks.delete(name)
    with pytest.raises(urllib.error.HTTPError) as gone:
        ask(aws, "DescribeService", ServiceArn=arn)
    assert gone.value.code == 400
    assert json.loads(gone.value.read())["__type"] == "ResourceNotFoundException"


def test_a_service_that_nothing_implements_is_refused_in_one_line(aws: EmbeddedAws) -> None:
    """Check that the Copilot CLI gets an error at once, and that nobody sees a traceback."""
    with pytest.raises(urllib.error.HTTPError) as refused:
        ask(aws, "StartDeployment")
    assert "is not emulated here" in json.loads(refused.value.read())["message"]


def ask(aws: EmbeddedAws, action: str, **parameters: str) -> dict[str, Any]:
    request = urllib.request.Request(  # noqa: S310 - our own URL
        aws.endpoint,
        json.dumps(parameters).encode(),
        {"X-Amz-Target": f"AppRunner.{action}", "Content-Type": "application/x-amz-json-1.0"},
    )
    with urllib.request.urlopen(request, timeout=WAIT) as answer:  # noqa: S310
        found: dict[str, Any] = json.loads(answer.read())
    return found
