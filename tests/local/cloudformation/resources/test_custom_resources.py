"""Copilot's custom resources, without Lambda."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from ops.local import assumptions
from tests.local.stacks import Stacks, outputs, queue, template

if TYPE_CHECKING:
    from tests.local.stacks import Template

APP = "shop"


def environment(name: str) -> Template:
    """Yield a stack with the parameters that EnvController changes in an environment's stack."""
    lists = ("ALBWorkloads", "NATWorkloads")
    return template(
        {
            "Queue": queue(name),
            "Balancer": {**queue(f"{name}-alb"), "Condition": "HasBalancer"},
        },
        Parameters={each: {"Type": "String", "Default": ""} for each in lists},
        Conditions={"HasBalancer": {"Fn::Not": [{"Fn::Equals": [{"Ref": "ALBWorkloads"}, ""]}]}},
        Outputs={
            "Balancer": {"Condition": "HasBalancer", "Value": {"Ref": "Balancer"}},
            "EnabledFeatures": {"Value": {"Ref": "ALBWorkloads"}},
        },
    )


def workload(stack: str, name: str, *parameters: str) -> Template:
    controller = {
        "Type": "Custom::EnvControllerFunction",
        "Properties": {"EnvStack": stack, "Workload": name, "Parameters": list(parameters)},
    }
    got = {"Value": {"Fn::GetAtt": ["Controller", "Balancer"]}}
    has_balancer = "ALBWorkloads" in parameters
    return template(
        {"Queue": queue(f"{stack}-{name}"), "Controller": controller},
        **({"Outputs": {"Balancer": got}} if has_balancer else {}),
    )


def workloads(stacks: Stacks, name: str) -> dict[str, str]:
    found = stacks.described(name)["Parameters"]
    return {each["ParameterKey"]: each["ParameterValue"] for each in found}


def test_env_controller_keeps_the_environments_lists_of_workloads(
    stacks: Stacks, name: str
) -> None:
    stacks.create(name, environment(name))
    web = stacks.create(f"{name}-web", workload(name, "web", "ALBWorkloads", "NATWorkloads"))
    assert outputs(web)["Balancer"].endswith(f"{name}-alb")
    stacks.create(f"{name}-job", workload(name, "job", "NATWorkloads"))
    assert workloads(stacks, name) == {"ALBWorkloads": "web", "NATWorkloads": "web,job"}
    stacks.update(f"{name}-web", workload(name, "web", "NATWorkloads"))
    assert workloads(stacks, name) == {"ALBWorkloads": "", "NATWorkloads": "web,job"}
    assert not stacks.has_queue(f"{name}-alb")
    stacks.delete(f"{name}-web")
    assert workloads(stacks, name) == {"ALBWorkloads": "", "NATWorkloads": "job"}


def test_env_controller_loses_no_workload_when_two_are_deployed_at_once(
    stacks: Stacks, name: str
) -> None:
    stacks.create(name, environment(name))
    names = [f"w{number}" for number in range(4)]
    with ThreadPoolExecutor(4) as pool:
        made = list(
            pool.map(
                lambda each: stacks.create(
                    f"{name}-{each}", workload(name, each, "ALBWorkloads", "NATWorkloads")
                ),
                names,
            )
        )
    assert {stack["StackStatus"] for stack in made} == {"CREATE_COMPLETE"}
    assert sorted(workloads(stacks, name)["ALBWorkloads"].split(",")) == names


def service(name: str, update: str) -> Template:
    tagged = {"App": APP, "Env": name, "Svc": "web"}
    return template(
        {
            "Cluster": {"Type": "AWS::ECS::Cluster", "Properties": {"ClusterName": name}},
            "TaskDefinition": {
                "Type": "AWS::ECS::TaskDefinition",
                "Properties": {
                    "Family": name,
                    "ContainerDefinitions": [{"Name": "web", "Image": update, "Memory": 128}],
                },
            },
            "Count": {
                "Type": "Custom::DynamicDesiredCountFunction",
                "Properties": {
                    "Cluster": {"Ref": "Cluster"},
                    **tagged,
                    "DefaultDesiredCount": 2,
                    "UpdateID": update,
                },
            },
            "Service": {
                "Type": "AWS::ECS::Service",
                "Properties": {
                    "ServiceName": name,
                    "Cluster": {"Ref": "Cluster"},
                    "TaskDefinition": {"Ref": "TaskDefinition"},
                    "DesiredCount": {"Fn::GetAtt": ["Count", "DesiredCount"]},
                },
            },
        }
    )


def test_dynamic_desired_count_keeps_what_autoscaling_reached(stacks: Stacks, name: str) -> None:
    tags = {"copilot-application": APP, "copilot-environment": name, "copilot-service": "web"}
    ecs = stacks.client("ecs")

    def count() -> int:
        return int(
            ecs.describe_services(cluster=name, services=[name])["services"][0]["desiredCount"]
        )

    stacks.create(name, service(name, "one"), tags=tags)
    assert count() == 2
    ecs.update_service(cluster=name, service=name, desiredCount=7)
    stacks.update(name, service(name, "two"), tags=tags)
    assert count() == 7


@pytest.fixture
def listener(stacks: Stacks, name: str) -> str:
    ec2, elbv2 = stacks.client("ec2"), stacks.client("elbv2")
    subnets = [each["SubnetId"] for each in ec2.describe_subnets()["Subnets"][:2]]
    balancer = elbv2.create_load_balancer(Name=name, Subnets=subnets)["LoadBalancers"][0]
    made = elbv2.create_listener(
        LoadBalancerArn=balancer["LoadBalancerArn"],
        Protocol="HTTP",
        Port=80,
        DefaultActions=[{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "503"}}],
    )
    return str(made["Listeners"][0]["ListenerArn"])


def rules(listener: str, name: str, *paths: str) -> Template:
    """Return a stack with a rule for each path."""
    resources: Template = {
        "Priorities": {
            "Type": "Custom::RulePriorityFunction",
            "Properties": {"ListenerArn": listener, "RulePath": list(paths)},
        }
    }
    for index, path in enumerate(paths):
        attribute = f"Priority{index or ''}"
        resources[f"Rule{index}"] = {
            "Type": "AWS::ElasticLoadBalancingV2::ListenerRule",
            "Properties": {
                "ListenerArn": listener,
                "Priority": {"Fn::GetAtt": ["Priorities", attribute]},
                "Conditions": [{"Field": "path-pattern", "Values": [f"{path}*"]}],
                "Actions": [{"Type": "fixed-response",
                             "FixedResponseConfig": {"StatusCode": "200"}}],
            },
        }  # fmt: skip
    return template({"Queue": queue(f"{name}-rules"), **resources})


def test_rule_priority_counts_up_from_the_start_and_roots_down_from_the_end(
    stacks: Stacks, name: str, listener: str
) -> None:
    stacks.create(f"{name}-one", rules(listener, f"{name}-one", "/", "/api"))
    stacks.create(f"{name}-two", rules(listener, f"{name}-two", "/", "/admin", "/help"))
    found = stacks.client("elbv2").describe_rules(ListenerArn=listener)["Rules"]
    priorities = {
        each["Conditions"][0]["Values"][0]: each["Priority"]
        for each in found
        if each["Priority"] != "default"
    }
    assert {path: priorities[path] for path in ("/api*", "/admin*", "/help*")} == {
        "/api*": "1", "/admin*": "2", "/help*": "3",
    }  # fmt: skip
    assert sorted(each["Priority"] for each in found if each["Priority"].startswith("4")) == [
        "49999"
    ]
    assert "50000" in {each["Priority"] for each in found}


def test_unique_values_are_those_of_the_wanted_workloads(stacks: Stacks, name: str) -> None:
    values = {
        "Type": "Custom::UniqueJSONValuesFunction",
        "Properties": {
            "Aliases": '{"web": ["b.example", "a.example"], "gone": ["c.example"]}',
            "FilterFor": ["web"],
            "AdditionalStrings": ["a.example", "d.example"],
        },
    }
    unique = {"Value": {"Fn::GetAtt": ["Values", "UniqueValues"]}}
    stack = stacks.create(name, template({"Values": values}, Outputs={"Unique": unique}))
    assert outputs(stack) == {"Unique": "a.example,b.example,d.example"}


def test_a_function_of_somebody_else_is_answered_with_placeholders(
    stacks: Stacks, name: str
) -> None:
    assumptions.take()
    custom = {"Type": "Custom::WarmUpFunction", "Properties": {}}
    answer = {"Value": {"Fn::GetAtt": ["Warm", "Url"]}}
    stack = stacks.create(name, template({"Warm": custom}, Outputs={"Url": answer}))
    assert outputs(stack)["Url"].endswith(".local")
    assert any("Custom::WarmUpFunction `Warm`" in note for note in assumptions.take())


def test_a_certificate_for_the_aliases_of_an_environment(stacks: Stacks, name: str) -> None:
    """Check that a listener finds the certificate by the ID of the custom resource."""
    custom = {
        "Type": "Custom::CertificateValidationFunction",
        "Properties": {"DomainName": "shop.example", "EnvDomain": "prod.shop.example"},
    }
    arn = {"Value": {"Ref": "Cert"}}
    stack = stacks.create(name, template({"Cert": custom}, Outputs={"Arn": arn}))
    found = stacks.client("acm").describe_certificate(CertificateArn=outputs(stack)["Arn"])
    assert set(found["Certificate"]["SubjectAlternativeNames"]) == {
        "shop.example", "prod.shop.example",
    }  # fmt: skip
