"""A lifecycle policy may not expire an image that runs, ran last, or may run again.

moto has no preview of a policy, so `ops.local.gaps` evaluates the rules. moto's tasks have no
`imageDigest`: see test_image_use.py.
"""

import json
from collections import Counter
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.model import OperationModel

from tests.ops.conftest import Ops
from tests.ops.kinds.images.stored_images import (
    declare,
    deploy_environment,
    keep,
    push,
    register_environment,
    release,
    run,
)
from tests.ops.support.faults import FirstCalls
from tests.ops.support.sessions import on_sessions_of_ops


@pytest.fixture
def shop(ops: Ops, aws: None, workspace: Path) -> Path:
    """Create the environment prod, and a repository with five images that keeps ten."""
    deploy_environment("prod")
    assert ops("images", "sync").code == 0
    push("v1", "v2", "v3", "v4", "v5")
    return workspace


def kept() -> int:
    answer = boto3.client("ecr").get_lifecycle_policy(repositoryName="shop/web")
    policy: dict[str, Any] = json.loads(answer["lifecyclePolicyText"])
    return int(policy["rules"][0]["selection"]["countNumber"])


def test_what_a_task_runs_is_not_expired(ops: Ops, shop: Path) -> None:
    definition = release("web", "v2")
    run(definition)
    for tag in ("v4", "v5", "v5"):
        release("web", tag)  # the service has moved on, and the task has not
    keep(shop, 3)
    planned = ops("images", "plan", "--exit-code")
    assert planned.code == 2
    assert "! conflict shop/web" in planned.out
    assert "would expire images in use: v2 (web in prod)." in planned.out
    assert "raise `keep` in copilot/ops.yml to 4 or more" in planned.out
    assert ops("images", "sync").code == 1
    assert kept() == 10
    keep(shop, 4)
    assert ops("images", "sync").code == 0
    assert kept() == 4


def test_the_last_three_revisions_are_kept_without_any_task(ops: Ops, shop: Path) -> None:
    for tag in ("v1", "v2", "v3", "v4"):
        release("worker", tag)
    keep(shop, 3)
    refused = ops("images", "plan", "--output", "json").data
    [change] = refused["kinds"][0]["changes"]
    assert change["action"] == "conflict"
    assert "v2 (worker in prod)" in change["why"]
    assert "v1" not in change["why"]
    keep(shop, 4)
    assert ops("images", "sync").code == 0


def test_every_environment_counts(ops: Ops, shop: Path) -> None:
    deploy_environment("staging")
    release("web", "v1", environment="staging")
    release("web", "v2")
    keep(shop, 1)
    planned = ops("images", "plan")
    assert "v2 (web in prod); v1 (web in staging)" in planned.out


def test_an_environment_in_another_region_counts(
    ops: Ops, shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    register_environment("oslo", "eu-north-1", "123456789012")
    with monkeypatch.context() as there:
        there.setenv("AWS_DEFAULT_REGION", "eu-north-1")
        deploy_environment("oslo")
        release("web", "v1", environment="oslo")
    keep(shop, 2)
    assert "v1 (web in oslo)" in ops("images", "plan").out


ROLE = "arn:aws:iam::210987654321:role/shop-dr-EnvManagerRole"
# What the role may do with CloudFormation and ECS, the writes left out:
# https://github.com/aws/copilot-cli/blob/v1.33.2/internal/pkg/template/templates/environment/partials/environment-manager-role.yml
GRANTED = (
    "cloudformation:Describe*",
    "cloudformation:GetTemplate",
    "cloudformation:GetTemplateSummary",
    "ecs:ListTasks",
    "ecs:DescribeServices",
    "ecs:DescribeTasks",
    "ecs:DescribeClusters",
    "ecs:ListServices",
    "ecs:ListTaskDefinitionFamilies",
    "ecs:DescribeTaskDefinition",
    "ecs:ListTaskDefinitions",
    "ecs:ListClusters",
)


@pytest.fixture
def sessions(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Record the policies of the sessions that `ops` requests.

    In a session, AWS allows only what both its policy and Copilot's role allow.
    """
    policies: list[dict[str, Any]] = []

    def note(params: dict[str, Any], **_: object) -> None:
        policies.append(json.loads(params["Policy"]))

    def check(model: OperationModel, request_signer: Any, **_: object) -> None:  # noqa: ANN401
        if not request_signer._credentials.access_key.startswith("ASIA"):
            return
        called = f"{model.service_model.service_name}:{model.name}"
        [statement] = policies[-1]["Statement"]
        if called not in statement["Action"] or not any(fnmatch(called, each) for each in GRANTED):
            message = f"{called} is not granted"
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": message}}, model.name)

    on_sessions_of_ops(monkeypatch, "provide-client-params.sts.AssumeRole", note)
    on_sessions_of_ops(monkeypatch, "before-call", check)
    return policies


def test_an_environment_in_another_account_counts(
    ops: Ops, shop: Path, monkeypatch: pytest.MonkeyPatch, sessions: list[dict[str, Any]]
) -> None:
    register_environment("dr", "eu-central-1", "210987654321", ROLE)
    assumed = boto3.client("sts").assume_role(RoleArn=ROLE, RoleSessionName="test")["Credentials"]
    with monkeypatch.context() as there:
        there.setenv("AWS_ACCESS_KEY_ID", assumed["AccessKeyId"])
        there.setenv("AWS_SECRET_ACCESS_KEY", assumed["SecretAccessKey"])
        there.setenv("AWS_SESSION_TOKEN", assumed["SessionToken"])
        there.setattr(boto3, "DEFAULT_SESSION", None)
        deploy_environment("dr")
        release("web", "v1", environment="dr")
    keep(shop, 2)
    planned = ops("images", "plan")
    assert "v1 (web in dr)" in planned.out, planned
    [policy] = sessions
    [statement] = policy["Statement"]
    assert all(each.split(":")[1].startswith(("Describe", "List")) for each in statement["Action"])


def test_without_a_way_into_another_account_nothing_is_planned(
    ops: Ops, shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    register_environment("dr", "eu-central-1", "210987654321", ROLE)
    FirstCalls(monkeypatch, AssumeRole="AccessDenied")
    keep(shop, 2)
    planned = ops("images", "plan")
    assert planned.code == 1
    assert "What runs in `dr`, which is in another account (210987654321), is" in planned.err
    assert f"assume {ROLE}: `ops iam-policy --cross-account` prints it." in planned.err
    assert "shop/web" not in planned.out


def test_images_that_nobody_uses_may_go(ops: Ops, shop: Path, calls: list[str]) -> None:
    release("web", "v5")
    keep(shop, 2)
    calls.clear()
    assert ops("images", "sync").code == 0
    assert kept() == 2
    assert Counter(calls) == {
        "DescribeRepositories": 1,
        "GetLifecyclePolicy": 1,
        "GetResources": 1,
        "ListTagsForResource": 1,
        "StartLifecyclePolicyPreview": 1,
        "GetLifecyclePolicyPreview": 2,  # is it ready, and what does it say
        "DescribeImages": 1,
        "GetParametersByPath": 1,
        "DescribeStackResource": 2,  # prod and staging
        "ListTasks": 1,
        "ListTaskDefinitionFamilies": 1,
        "DescribeTaskDefinition": 1,
        "PutLifecyclePolicy": 1,
    }


def test_a_policy_that_expires_nothing_asks_no_environment(
    ops: Ops, shop: Path, calls: list[str]
) -> None:
    keep(shop, 5)
    calls.clear()
    assert ops("images", "plan").code == 0
    assert not {"ListTasks", "DescribeImages", "GetParametersByPath"} & set(calls)


def test_an_adopted_repository_gets_its_policy_and_keeps_its_maker(
    ops: Ops, aws: None, workspace: Path
) -> None:
    client = boto3.client("ecr")
    arn = client.create_repository(repositoryName="shop/web")["repository"]["repositoryArn"]
    declare(workspace, "images:\n  shop/web:\n    adopt: true\n    keep: 7\n")
    assert ops("images", "sync").code == 0
    assert kept() == 7
    [found] = client.describe_repositories()["repositories"]
    assert found["imageScanningConfiguration"] == {"scanOnPush": True}
    assert found["imageTagMutability"] == "MUTABLE"  # Copilot moves `latest`
    assert client.list_tags_for_resource(resourceArn=arn)["tags"] == []
    assert ops("images", "plan", "--exit-code").code == 0
    declare(workspace, "")
    assert ops("images", "sync", "--prune").code == 0
    assert ops("images", "delete").code == 0
    assert client.describe_repositories()["repositories"]
    assert kept() == 7


def test_a_repository_to_adopt_is_not_made(ops: Ops, aws: None, workspace: Path) -> None:
    declare(
        workspace, "images:\n  shop/web:\n    adopt: true\n    keep: 7\n  other:\n    keep: 7\n"
    )
    synced = ops("images", "sync")
    assert synced.code == 1
    assert "! conflict shop/web\n      is adopted but does not exist" in synced.out
    names = [
        each["repositoryName"]
        for each in boto3.client("ecr").describe_repositories()["repositories"]
    ]
    assert names == ["other"]


def test_copilot_keeps_its_moving_tag(ops: Ops, workspace: Path) -> None:
    declare(
        workspace,
        "images:\n  shop/web:\n    adopt: true\n    keep: 7\n    immutable_tags: true\n",
    )
    refused = ops("images", "plan")
    assert refused.code == 1
    assert "copilot/ops.yml:2" in refused.err
    assert "each `copilot svc deploy` moves the tag `latest`" in refused.err


def test_many_repositories_are_one_call_though_some_are_missing(
    ops: Ops, aws: None, workspace: Path, calls: list[str]
) -> None:
    names = [f"r{number}" for number in range(20)]
    declare(workspace, "images:\n" + "".join(f"  {name}:\n    keep: 3\n" for name in names))
    assert ops("images", "sync").code == 0
    boto3.client("ecr").delete_repository(repositoryName="r7")
    calls.clear()
    planned = ops("images", "plan")
    assert "+ create r7" in planned.out
    assert "19 unchanged" in planned.out
    reads = {"DescribeRepositories": 2, "GetLifecyclePolicy": 19, "GetResources": 1}
    assert Counter(calls) == reads
