"""Images, tasks and environments in the state after a push and `copilot svc deploy`."""

import hashlib
import json
from pathlib import Path

import boto3

from tests.ops.support.copilot_stacks import cluster_name

REGISTRY = "123456789012.dkr.ecr.eu-central-1.amazonaws.com"
REPOSITORY = "shop/web"


def push(*tags: str, repository: str = REPOSITORY) -> list[str]:
    """Push an image for each tag, the oldest first; return their digests."""
    client = boto3.client("ecr")
    return [
        str(
            client.put_image(
                repositoryName=repository, imageManifest=_manifest(repository, tag), imageTag=tag
            )["image"]["imageId"]["imageDigest"]
        )
        for tag in tags
    ]


def deploy_environment(environment: str) -> None:
    """Create an environment's cluster, the part of its stack that images need."""
    properties = {"ClusterName": cluster_name("shop", environment)}
    template = {"Resources": {"Cluster": {"Type": "AWS::ECS::Cluster", "Properties": properties}}}
    boto3.client("cloudformation").create_stack(
        StackName=f"shop-{environment}", TemplateBody=json.dumps(template)
    )


def release(service: str, tag: str, environment: str = "prod") -> str:
    """Register a revision of a service's task definition with the image; return its ARN."""
    answer = boto3.client("ecs").register_task_definition(
        family=f"shop-{environment}-{service}",
        containerDefinitions=[
            {"name": service, "image": f"{REGISTRY}/{REPOSITORY}:{tag}", "memory": 512}
        ],
    )
    return str(answer["taskDefinition"]["taskDefinitionArn"])


def run(definition: str, environment: str = "prod") -> None:
    """Start a task of a task definition in an environment's cluster."""
    boto3.client("ecs").run_task(
        cluster=cluster_name("shop", environment), taskDefinition=definition, launchType="FARGATE"
    )


def register_environment(name: str, region: str, account: str, role: str = "") -> None:
    """Write what `copilot env init` writes into the application's region."""
    stored = {"app": "shop", "name": name, "region": region, "accountID": account}
    boto3.client("ssm").put_parameter(
        Name=f"/copilot/applications/shop/environments/{name}",
        Type="String",
        Value=json.dumps({**stored, "managerRoleARN": role}),
    )


def declare(workspace: Path, text: str) -> None:
    """Replace `copilot/ops.yml`."""
    (workspace / "copilot" / "ops.yml").write_text(text)


def keep(workspace: Path, count: int) -> None:
    """Declare how many images the repository keeps."""
    declare(workspace, f"images:\n  {REPOSITORY}:\n    keep: {count}\n")


def _manifest(repository: str, tag: str) -> str:
    layer = hashlib.sha256(f"{repository}:{tag}".encode()).hexdigest()
    return json.dumps(
        {
            "schemaVersion": 2,
            "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
            "config": {"size": 131_000_000, "digest": f"sha256:{layer}"},
            "layers": [{"size": 1, "digest": f"sha256:{layer}"}],
        }
    )
