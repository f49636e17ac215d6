"""The stacks that Copilot would create, reduced, with its names and logical IDs."""

import json
from hashlib import sha256
from typing import Any

import boto3


def cluster_name(application: str, environment: str) -> str:
    """Return CloudFormation's name of a cluster; its random ending is constant here."""
    return _made_up(f"{application}-{environment}", "Cluster")


def service_name(application: str, environment: str, service: str) -> str:
    """Return CloudFormation's name of an ECS service."""
    return _made_up(f"{application}-{environment}-{service}", "Service")


def target_name(application: str, environment: str, service: str) -> str:
    """Return Application Auto Scaling's name of the service."""
    name = service_name(application, environment, service)
    return f"service/{cluster_name(application, environment)}/{name}"


def _made_up(stack: str, logical_id: str) -> str:
    ending = sha256(f"{stack} {logical_id}".encode()).hexdigest()[:12]
    return f"{stack}-{logical_id}-{ending}"


def deploy_environment(application: str, environment: str) -> dict[str, str]:
    """Deploy an environment: a cluster and a load balancer; return physical IDs by logical ID."""
    subnets = boto3.client("ec2").describe_subnets()["Subnets"]
    return _deploy(
        f"{application}-{environment}",
        {
            "Cluster": {
                "Type": "AWS::ECS::Cluster",
                "Properties": {"ClusterName": cluster_name(application, environment)},
            },
            "PublicLoadBalancer": {
                "Type": "AWS::ElasticLoadBalancingV2::LoadBalancer",
                "Properties": {"Subnets": [each["SubnetId"] for each in subnets]},
            },
            "HTTPListener": {
                "Type": "AWS::ElasticLoadBalancingV2::Listener",
                "Properties": {
                    "DefaultActions": [
                        {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "503"}}
                    ],
                    "LoadBalancerArn": {"Ref": "PublicLoadBalancer"},
                    "Port": 80,
                    "Protocol": "HTTP",
                },
            },
        },
    )


def deploy_web(application: str, environment: str, service: str, listener: str) -> dict[str, str]:
    """`copilot svc deploy` of a Load Balanced Web Service."""
    routed: dict[str, Any] = {
        "TargetGroup": {
            "Type": "AWS::ElasticLoadBalancingV2::TargetGroup",
            "Properties": {"Port": 8000, "Protocol": "HTTP"},
        },
        "HTTPListenerRule": {
            "Type": "AWS::ElasticLoadBalancingV2::ListenerRule",
            "Properties": {
                "Actions": [{"Type": "forward", "TargetGroupArn": {"Ref": "TargetGroup"}}],
                "Conditions": [{"Field": "path-pattern", "Values": ["/*"]}],
                "ListenerArn": listener,
                "Priority": 50000,
            },
        },
    }
    return _deploy_service(application, environment, service, routed)


def deploy_worker(
    application: str, environment: str, service: str, *, scales: bool = True
) -> dict[str, str]:
    """`copilot svc deploy` of a Backend Service, with or without a `count.range`."""
    cluster = cluster_name(application, environment)
    target: dict[str, Any] = {
        "AutoScalingTarget": {
            "Type": "AWS::ApplicationAutoScaling::ScalableTarget",
            "Properties": {
                "ServiceNamespace": "ecs",
                "ResourceId": {"Fn::Sub": f"service/{cluster}/${{Service.Name}}"},
                "ScalableDimension": "ecs:service:DesiredCount",
                "MinCapacity": 2,
                "MaxCapacity": 20,
                "RoleARN": "arn:aws:iam::123456789012:role/autoscaling",
            },
        }
    }
    return _deploy_service(application, environment, service, target if scales else {})


def deploy_worker_service(application: str, environment: str, service: str) -> dict[str, str]:
    """Deploy a Worker Service that subscribes to topics, one of them with a queue of its own."""
    queues: dict[str, Any] = {
        "DeadLetterQueue": {"Type": "AWS::SQS::Queue"},
        "EventsQueue": {
            "Type": "AWS::SQS::Queue",
            "Properties": {
                "RedrivePolicy": {
                    "deadLetterTargetArn": {"Fn::GetAtt": ["DeadLetterQueue", "Arn"]},
                    "maxReceiveCount": 3,
                }
            },
        },
        "apiordersEventsQueue": {"Type": "AWS::SQS::Queue"},
    }
    return _deploy_service(application, environment, service, queues)


def deploy_job(application: str, environment: str, job: str) -> dict[str, str]:
    """Deploy a Scheduled Job, which has no ECS service."""
    return _deploy(f"{application}-{environment}-{job}", _task(application, environment, job))


def _task(application: str, environment: str, workload: str) -> dict[str, Any]:
    """Return the resources of every workload with containers."""
    name = f"{application}-{environment}-{workload}"
    container = {"Name": workload, "Image": "nginx", "Memory": 512}
    return {
        "LogGroup": {
            "Type": "AWS::Logs::LogGroup",
            "Properties": {"LogGroupName": f"/copilot/{name}"},
        },
        "TaskDefinition": {
            "Type": "AWS::ECS::TaskDefinition",
            "Properties": {"Family": name, "ContainerDefinitions": [container]},
        },
    }


def _deploy_service(
    application: str, environment: str, service: str, more: dict[str, Any]
) -> dict[str, str]:
    return _deploy(
        f"{application}-{environment}-{service}",
        {
            **_task(application, environment, service),
            "Service": {
                "Type": "AWS::ECS::Service",
                "Properties": {
                    "Cluster": cluster_name(application, environment),
                    "DesiredCount": 2,
                    "ServiceName": service_name(application, environment, service),
                    "TaskDefinition": {"Ref": "TaskDefinition"},
                },
            },
            **more,
        },
    )


def _deploy(name: str, resources: dict[str, Any]) -> dict[str, str]:
    client = boto3.client("cloudformation")
    client.create_stack(StackName=name, TemplateBody=json.dumps({"Resources": resources}))
    found = client.describe_stack_resources(StackName=name)["StackResources"]
    return {each["LogicalResourceId"]: each["PhysicalResourceId"] for each in found}
