"""The environment of a container, and the reasons why its task does not start."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.local.fargate.world import World, get
from tests.waiting import WAIT, until

if TYPE_CHECKING:
    from collections.abc import Callable

    from ops.local.fargate import Fargate


def test_secrets_are_resolved(world: World, fargate: Callable[[], Fargate], url: str) -> None:
    created = world.secretsmanager.create_secret(
        Name="amply/database-url", SecretString="sqlite://"
    )
    stripe = json.dumps({"key": "sk_test", "port": 5})
    keyed = world.secretsmanager.create_secret(Name="amply/stripe", SecretString=stripe)
    world.ssm.put_parameter(Name="/copilot/amply/token", Value="t0", Type="SecureString")
    parameter = "arn:aws:ssm:eu-central-1:123456789012:parameter/copilot/amply/token"
    secrets = {
        "FULL": created["ARN"],
        "PARTIAL": created["ARN"].rsplit("-", 1)[0],
        "KEYED": f"{keyed['ARN']}:key::",
        "NUMBER": f"{keyed['ARN'].rsplit('-', 1)[0]}:port::",
        "PARAMETER": "/copilot/amply/token",
        "PARAMETER_ARN": parameter,
    }
    given = [{"name": name, "valueFrom": value} for name, value in secrets.items()]
    world.serve_web(world.define_web(secrets=given))
    fargate().wait_until_steady(WAIT)
    environment = get(url)["environment"]
    assert (
        environment.items()
        >= {
            "FULL": "sqlite://",
            "PARTIAL": "sqlite://",
            "KEYED": "sk_test",
            "NUMBER": "5",
            "PARAMETER": "t0",
            "PARAMETER_ARN": "t0",
        }.items()
    )


def test_a_container_gets_its_variables_and_a_directory_of_its_own(
    world: World, fargate: Callable[[], Fargate], url: str
) -> None:
    variables = [{"name": "ENVIRONMENT", "value": "test"}, {"name": "LOCAL_ONLY", "value": "no"}]
    world.serve_web(world.define_web(environment=variables))
    fargate().wait_until_steady(WAIT)
    environment = get(url)["environment"]
    assert (
        environment.items()
        >= {
            "ENVIRONMENT": "test",
            "LOCAL_ONLY": "yes",
            "CODE_OF": "embedded",
            "AWS_REGION": "eu-central-1",
            "AWS_ENDPOINT_URL": world.endpoint,
        }.items()
    )
    assert environment["HOME"] == environment["TMPDIR"]
    (task,) = world.tasks()
    assert environment["HOME"].endswith(task["taskArn"].rsplit("/", 1)[-1])


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("arn:aws:secretsmanager:eu-central-1:123456789012:secret:no", "ResourceNotFoundException"),
        # The name ends as a complete ARN does.
        (
            "arn:aws:secretsmanager:eu-central-1:123456789012:secret:amply/stripe-secret",
            "ResourceNotFoundException",
        ),
        ("/copilot/none", "ParameterNotFound"),
        ("KEYED:nokey::", "did not contain json key nokey"),
    ],
)
def test_a_missing_secret_stops_the_task_before_it_starts(
    world: World, fargate: Callable[[], Fargate], value: str, told: str
) -> None:
    keyed = world.secretsmanager.create_secret(Name="amply/stripe", SecretString="{}")
    world.secretsmanager.create_secret(Name="amply/stripe-secret", SecretString="{}")
    secret = {"name": "S", "valueFrom": value.replace("KEYED", keyed["ARN"])}
    world.serve(world.define_worker("wait", secrets=[secret]))
    fargate()
    stopped = until("the task fails", world.stopped)[0]
    assert stopped["stopCode"] == "TaskFailedToStart"
    assert stopped["stoppedReason"].startswith("ResourceInitializationError: ")
    assert told in stopped["stoppedReason"]
    assert "startedAt" not in stopped
    assert world.lines() == {}
