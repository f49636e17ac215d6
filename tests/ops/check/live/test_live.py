"""`ops check --live` against AWS's API.

moto has no Fargate quota and allows every call, so these two are tested on a `Live` of the
tests.
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import boto3
import pytest

from ops.check.aws.references import secret_of
from ops.check.files.reading import read_subject
from ops.check.run import check
from ops.check.subject.live import Live, Stored
from ops.copilot.secret_names import is_ambiguous
from tests.ops.check.conftest import CLEAN, write
from tests.ops.conftest import Ops
from tests.ops.support.existing_alarm import put_alarm

ACCOUNT = "123456789012"
HOST = f"{ACCOUNT}.dkr.ecr.eu-central-1.amazonaws.com"
WORKER = "copilot/worker/manifest.yml"
MANIFEST = f"""\
name: worker
type: Backend Service
image:
  location: {HOST}/shop:2
command: celery -A shop worker --time-limit=60
taskdef_overrides: [{{path: "ContainerDefinitions[0].StopTimeout", value: 90}}]
deployment:
  rollback_alarms: [shop-high, shop-low]
secrets:
  A:
    secretsmanager: shop/a
  B:
    secretsmanager: "shop/b:key::"
  C: /shop/c
  D: /shop/d
variables:
  E:
    from_cfn: ${{COPILOT_APPLICATION_NAME}}-e
"""
EXPORT = {
    "Resources": {"T": {"Type": "AWS::SNS::Topic"}},
    "Outputs": {"E": {"Value": "x", "Export": {"Name": "shop-e"}}},
}
TAGS = {"copilot-application": "shop", "copilot-environment": "prod"}
OPS_FILE = "queue:\n  name: jobs\n  dead_letters: jobs-dead\n"


@pytest.fixture
def shop(aws: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    write(tmp_path, {**CLEAN, WORKER: MANIFEST, "copilot/worker/ops.yml": OPS_FILE})
    monkeypatch.chdir(tmp_path)
    return tmp_path


def rename_secret(root: Path, name: str) -> None:
    write(root, {WORKER: MANIFEST.replace("secretsmanager: shop/a", f"secretsmanager: {name}")})


@pytest.mark.parametrize("name", ["shop/a-secret", "shop/a-Yi6mvL", "shop/a-000000"])
def test_a_secret_is_asked_for_by_the_arn_that_ecs_will_use(
    ops: Ops, shop: Path, name: str
) -> None:
    make_everything()
    boto3.client("secretsmanager").create_secret(Name=name, SecretString="x", Tags=tags(TAGS))
    rename_secret(shop, name)
    run = ops("check", "--live", "--env", "prod", "--output", "json")
    assert ("secret-missing", 10) in found(run)


def name_with_random_characters() -> str:
    """Return the name of `shop/a` in its ARN; create it again if its random end is a word."""
    client = boto3.client("secretsmanager")
    for _ in range(20):
        name: str = client.describe_secret(SecretId="shop/a")["ARN"].rsplit(":", 1)[1]
        if not is_ambiguous(name):
            return name
        client.delete_secret(SecretId="shop/a", ForceDeleteWithoutRecovery=True)
        client.create_secret(Name="shop/a", SecretString="x", Tags=tags(TAGS))
    raise AssertionError("every end is a word")


def test_a_secret_is_found_by_its_name_with_the_random_characters(ops: Ops, shop: Path) -> None:
    make_everything()
    rename_secret(shop, name_with_random_characters())
    run = ops("check", "--live", "--env", "prod", "--output", "json")
    assert {each for each in found(run) if each[0].startswith("secret-")} == set()


def tags(values: dict[str, str]) -> Any:  # noqa: ANN401  # each service has its own type
    return [{"Key": key, "Value": value} for key, value in values.items()]


def make_everything() -> None:
    """Create everything that the workspace refers to."""
    manager, parameters = boto3.client("secretsmanager"), boto3.client("ssm")
    for name in ("shop/a", "shop/b"):
        manager.create_secret(Name=name, SecretString="x", Tags=tags(TAGS))
    for name in ("/shop/c", "/shop/d"):
        parameters.put_parameter(Name=name, Value="x", Type="SecureString", Tags=tags(TAGS))
    sqs = boto3.client("sqs")
    dead = sqs.create_queue(QueueName="jobs-dead")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]
    redrive = json.dumps({"deadLetterTargetArn": arn["QueueArn"], "maxReceiveCount": 5})
    sqs.create_queue(
        QueueName="jobs", Attributes={"VisibilityTimeout": "120", "RedrivePolicy": redrive}
    )
    ecr = boto3.client("ecr")
    ecr.create_repository(repositoryName="shop")
    layers = {
        "schemaVersion": 2,
        "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
        "config": {"digest": "sha256:1"},
        "layers": [],
    }
    ecr.put_image(repositoryName="shop", imageManifest=json.dumps(layers), imageTag="2")
    boto3.client("cloudformation").create_stack(StackName="shop-e", TemplateBody=json.dumps(EXPORT))
    for name in ("shop-high", "shop-low"):
        put_alarm(boto3.client("cloudwatch"), name)


def found(run: Any) -> set[tuple[str, int]]:  # noqa: ANN401  # a Run
    return {(each["rule"], each["line"]) for each in run.data["findings"]}


def test_where_everything_is_there_nothing_is_found(ops: Ops, shop: Path) -> None:
    make_everything()
    run = ops("check", "--live", "--env", "prod", "--strict", "--output", "json")
    assert (run.code, run.err) == (0, "")
    assert found(run) == set()


def test_where_nothing_is_there_everything_is_found(ops: Ops, shop: Path) -> None:
    run = ops("check", "--live", "--env", "prod", "--output", "json")
    assert run.code == 1
    assert found(run) == {
        ("image-missing", 4),
        ("rollback-alarm-missing", 8),
        ("secret-missing", 10),
        ("secret-missing", 12),
        ("secret-missing", 14),
        ("secret-missing", 15),
        ("export-missing", 18),
        ("queue-missing", 2),
        ("queue-missing", 3),
    }


def test_a_secret_that_is_missing_says_how_to_make_it(ops: Ops, shop: Path) -> None:
    run = ops("check", "--live", "--env", "prod", "--output", "json")
    fixes = {each["line"]: each["fix"] for each in run.data["findings"]}
    assert "aws secretsmanager create-secret --name shop/a" in fixes[10]
    tags = "Key=copilot-application,Value=shop Key=copilot-environment,Value=prod"
    assert tags in fixes[10]
    assert "copilot secret init" not in fixes[10]
    assert "copilot secret init" in fixes[14]


def test_what_is_there_and_wrong_is_found(ops: Ops, shop: Path) -> None:
    make_everything()
    manager, sqs = boto3.client("secretsmanager"), boto3.client("sqs")
    manager.untag_resource(SecretId="shop/a", TagKeys=["copilot-environment"])
    boto3.client("ssm").remove_tags_from_resource(
        ResourceType="Parameter", ResourceId="/shop/c", TagKeys=["copilot-application"]
    )
    address = sqs.get_queue_url(QueueName="jobs")["QueueUrl"]
    sqs.delete_queue(QueueUrl=address)
    sqs.create_queue(QueueName="jobs", Attributes={"VisibilityTimeout": "60"})
    boto3.client("cloudwatch").set_alarm_state(
        AlarmName="shop-high", StateValue="ALARM", StateReason="a test"
    )
    boto3.client("cloudformation").create_stack(
        StackName="shop-prod-worker",
        TemplateBody=json.dumps({"Resources": {"T": {"Type": "AWS::SNS::Topic"}}}),
    )
    run = ops("check", "--live", "--env", "prod", "--output", "json")
    assert found(run) == {
        ("secret-untagged", 10),
        ("secret-untagged", 14),
        ("queue-visibility", 2),
        ("queue-without-redrive", 2),
        ("rollback-alarm-firing", 8),
    }


def test_an_environment_must_be_chosen(ops: Ops, shop: Path) -> None:
    run = ops("check", "--live")
    assert (run.code, "--env prod" in run.err) == (1, True)


def test_an_application_must_be_named(ops: Ops, shop: Path) -> None:
    (shop / "copilot/.workspace").unlink()
    assert "--app" in ops("check", "--live", "--env", "prod").err


def test_nothing_is_written_and_no_value_is_read(ops: Ops, shop: Path, calls: list[str]) -> None:
    make_everything()
    calls.clear()
    ops("check", "--live", "--env", "prod")
    assert set(calls) == {
        "DescribeSecret",
        "DescribeParameters",
        "ListTagsForResource",
        "GetQueueUrl",
        "GetQueueAttributes",
        "DescribeImages",
        "DescribeStacks",
        "ListExports",
        "DescribeAlarms",
        "GetServiceQuota",
        "GetCallerIdentity",
    }


@pytest.mark.parametrize("status", ["UPDATE_IN_PROGRESS", "ROLLBACK_COMPLETE"])
def test_a_stack_that_cannot_be_updated(shop: Path, status: str) -> None:
    assert live_rules(shop, Live("prod", stacks={"worker": status})) == {("stack-not-ready", 1)}


def test_a_stack_that_can_be_updated(shop: Path) -> None:
    stacks = {"worker": "UPDATE_ROLLBACK_COMPLETE", "web": None}
    assert live_rules(shop, Live("prod", stacks=stacks)) == set()


def test_a_quota_that_does_not_suffice(shop: Path) -> None:
    write(shop, {WORKER: MANIFEST + "cpu: 1024\nmemory: 2048\ncount: 6\n"})
    assert live_rules(shop, Live("prod", vcpus=6.25)) == set()
    assert [rule for rule, _ in live_rules(shop, Live("prod", vcpus=6))] == ["fargate-quota"]


def test_tasks_on_spot_take_nothing_of_the_quota(shop: Path) -> None:
    spot = "count: {range: {min: 1, max: 20, spot_from: 3}, cpu_percentage: 70}\n"
    write(shop, {WORKER: MANIFEST + f"cpu: 1024\nmemory: 2048\n{spot}"})
    assert live_rules(shop, Live("prod", vcpus=2.25)) == set()
    assert [rule for rule, _ in live_rules(shop, Live("prod", vcpus=2))] == ["fargate-quota"]


def test_where_spot_begins_below_the_range_all_is_on_spot(shop: Path) -> None:
    spot = "count: {range: {min: 3, max: 20, spot_from: 2}, cpu_percentage: 70}\n"
    write(shop, {WORKER: MANIFEST + f"cpu: 1024\nmemory: 2048\n{spot}"})
    found = live_rules(shop, Live("prod", vcpus=0.25))
    assert [rule for rule, _ in found] == ["spot-from-below-range"]


def test_what_aws_does_not_allow_is_told(shop: Path) -> None:
    live = Live("prod", refused=("AWS does not allow DescribeSecret",))
    assert live_rules(shop, live) == {("not-allowed", 1)}


def test_exports_that_were_not_listed_are_not_missing(shop: Path) -> None:
    assert live_rules(shop, Live("prod", exports=None)) == set()
    assert live_rules(shop, Live("prod", exports=frozenset())) == {("export-missing", 18)}


def test_a_secret_that_cannot_be_read_is_told(shop: Path) -> None:
    live = Live("prod", secrets={"shop/a": Stored(error="marked for deletion")})
    assert live_rules(shop, live) == {("secret-missing", 10)}


def live_rules(root: Path, live: Live) -> set[tuple[str, int]]:
    subject = replace(read_subject(root, environment="prod"), live=live)
    return {(each.rule, each.line) for each in check(subject).findings}


def test_an_aws_that_cannot_be_reached_ends_the_check(
    ops: Ops, shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    run = ops("check", "--live", "--env", "prod")
    assert run.code == 1
    assert "AWS cannot be reached" in run.err


def arns() -> Iterator[tuple[object, str | None]]:
    arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:shop/a-AbCdEf"
    yield "/shop/a", "parameter `/shop/a`"
    yield arn, f"secret `{arn}`"
    yield f"{arn}:key::", f"secret `{arn}`"
    yield f"'{arn}'", f"secret `{arn}`"
    yield {"secretsmanager": "shop/a:key::"}, "secret `shop/a`"
    yield {"from_cfn": "shop-a"}, None
    yield "/shop/${STAGE}/a", None
    yield "arn:aws:ssm:eu-central-1:123456789012:parameter/shop/a", None
    yield 7, None


@pytest.mark.parametrize(("written", "said"), [*arns()])
def test_what_an_entry_of_secrets_means(written: object, said: str | None) -> None:
    secret = secret_of(written)
    assert (secret.label if secret else None) == said
