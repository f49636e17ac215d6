"""Gateway endpoints of stacks: created for the route tables, and deleted before their VPC."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.local.stacks import template

if TYPE_CHECKING:
    from tests.local.stacks import Stacks

_RESOURCES = {
    "Network": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}},
    "Table": {"Type": "AWS::EC2::RouteTable", "Properties": {"VpcId": {"Ref": "Network"}}},
    "Endpoint": {
        "Type": "AWS::EC2::VPCEndpoint",
        "Properties": {
            "VpcEndpointType": "Gateway",
            "ServiceName": "com.amazonaws.eu-central-1.s3",
            "VpcId": {"Ref": "Network"},
            "RouteTableIds": [{"Ref": "Table"}],
        },
    },
}


def test_an_endpoint_is_created_and_deleted_with_its_stack(stacks: Stacks, name: str) -> None:
    assert stacks.create(name, template(_RESOURCES))["StackStatus"] == "CREATE_COMPLETE"
    listed = stacks.api.describe_stack_resources(StackName=name)["StackResources"]
    ids = {each["LogicalResourceId"]: each["PhysicalResourceId"] for each in listed}
    ec2 = stacks.client("ec2")
    [endpoint] = ec2.describe_vpc_endpoints(VpcEndpointIds=[ids["Endpoint"]])["VpcEndpoints"]
    assert (endpoint["VpcId"], endpoint["RouteTableIds"]) == (ids["Network"], [ids["Table"]])
    stacks.delete(name)
    live = [each for each in ec2.describe_vpc_endpoints()["VpcEndpoints"] if _is_live(each)]
    assert ids["Endpoint"] not in [each["VpcEndpointId"] for each in live]
    assert ids["Network"] not in [each["VpcId"] for each in ec2.describe_vpcs()["Vpcs"]]


def _is_live(endpoint: dict[str, str]) -> bool:
    return endpoint["State"].lower() not in ("deleting", "deleted")
