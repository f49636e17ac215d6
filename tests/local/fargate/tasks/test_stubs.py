"""Stubs: what runs in place of a container that cannot run here, and what it answers."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from ops.local.fargate.tasks import stub as server
from ops.local.fargate.tasks.choice import Programs, is_foreign
from ops.local.fargate.tasks.container import ContainerDefinition
from tests.local.fargate.world import REGION, get
from tests.waiting import WAIT, until

if TYPE_CHECKING:
    from collections.abc import Callable

    from ops.local.fargate import Fargate
    from tests.local.fargate.world import World

OWN = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/shop/web"


def definition(**fields: Any) -> ContainerDefinition:  # noqa: ANN401
    return ContainerDefinition.of({"name": "web", "image": OWN, **fields})


@pytest.mark.parametrize(
    ("programs", "fields", "reason"),
    [
        (Programs(), {"command": ["true"]}, ""),
        (Programs(), {"entryPoint": ["true"]}, ""),
        (Programs(), {}, "its command is in the image"),
        (Programs(), {"command": ["no-such-program"]}, "`no-such-program` is not on this machine"),
        (Programs(is_built=lambda _: True), {"command": ["true"]}, "built with Docker"),
        (Programs(), {"command": ["true"], "image": "ghcr.io/shop/web"}, "another registry"),
        (Programs(), {"command": ["true"], "image": "local"}, ""),
        (Programs(only_stubs=True), {"command": ["true"]}, "--stub"),
        (Programs(commands={"web": ("true",)}, is_built=lambda _: True), {}, ""),
        (Programs(commands={"web": ("true",)}, only_stubs=True), {}, "--stub"),
        (Programs(commands={"other": ("serve",)}), {}, "its command is in the image"),
    ],
)
def test_a_stub_stands_in_for_what_cannot_run_here(
    programs: Programs, fields: dict[str, Any], reason: str
) -> None:
    choice = programs.choose(definition(**fields))
    assert reason in choice.reason
    assert bool(choice.reason) == bool(reason)
    assert choice.command == (() if reason else ("true",))


@pytest.mark.parametrize(
    ("image", "foreign"),
    [(OWN, False), ("local", False), ("nginx:1.27", False), ("public.ecr.aws/nginx/nginx", True)],
)
def test_an_image_of_another_registry_is_foreign(image: str, foreign: bool) -> None:
    assert is_foreign(image) is foreign


def test_a_stub_answers_the_health_check_and_says_what_it_is(
    world: World, fargate: Callable[[], Fargate], url: str
) -> None:
    group = world.target_group(HealthCheckPath="/ready", Matcher={"HttpCode": "204"})
    world.load_balancer(group)
    ports = [{"containerPort": 8000}]
    check = {"command": ["CMD-SHELL", "curl -f http://localhost/"], "interval": 5}
    task = world.define(portMappings=ports, healthCheck=check, image=OWN)
    world.serve(task, group=group)
    running = fargate()
    running.wait_until_steady(WAIT)
    answer = get(f"{url}/orders?page=2")
    assert answer["stub"] is True
    assert answer["service"] == "api"
    assert "not the service itself" in answer["message"]
    assert answer["path"] == "/orders?page=2"
    (choice,) = running.choices().values()
    assert str(choice).startswith("stub: its command is in the image")
    lines = until("the request is logged", lambda: logged(world, "/orders"))
    assert json.loads(lines[0]) == {
        "stub": True, "service": "api", "method": "GET", "path": "/orders?page=2", "status": 200,
    }  # fmt: skip


def test_a_stub_consumes_the_queue_of_its_service(
    world: World, fargate: Callable[[], Fargate]
) -> None:
    sqs: Any = boto3.Session("embedded", "embedded").client(
        "sqs", region_name=REGION, endpoint_url=world.endpoint
    )
    url = sqs.create_queue(QueueName="stub-jobs")["QueueUrl"]
    environment = [{"name": "COPILOT_QUEUE_URI", "value": url}]
    world.serve(world.define(environment=environment, image=OWN))
    fargate().wait_until_steady(WAIT)
    sqs.send_message(QueueUrl=url, MessageBody="order 1")
    lines = until("the message is logged", lambda: logged(world, "order 1"))
    assert json.loads(lines[0])["queue"] == "stub-jobs"
    until("the message is deleted", lambda: length(sqs, url) == 0)


@pytest.mark.parametrize("programs", [Programs(), Programs(only_stubs=True)])
def test_a_stub_that_another_container_waits_for_ends(programs: Programs) -> None:
    stub = programs.stand_in(definition(), {}, ends=True)[0]
    done = subprocess.run(stub.command, check=False, timeout=30, capture_output=True, text=True)
    assert done.returncode == 0
    assert json.loads(done.stdout)["service"] == "web"


def test_a_value_of_a_stub_may_begin_with_a_hyphen() -> None:
    programs = Programs(queues={"web": "-jobs"}, only_stubs=True)
    stub = programs.stand_in(definition(name="web"), {"-ready": 204}, ends=True)[0]
    done = subprocess.run(stub.command, check=False, timeout=30, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_the_check_of_a_stub_fails_where_nothing_listens() -> None:
    assert server.main(["--check", "127.0.0.1:1"]) == 1


def test_a_worker_service_has_the_queues_that_copilot_names() -> None:
    environment = {
        "COPILOT_QUEUE_URI": "https://sqs/main",
        "COPILOT_TOPIC_QUEUE_URIS": '{"shopOrders": "https://sqs/orders"}',
    }
    assert server.queues_of(environment) == ["https://sqs/main", "https://sqs/orders"]
    assert server.queues_of({}) == []


def test_the_program_needs_nothing_but_the_standard_library() -> None:
    """The program starts quickly, independent of the project's packages."""
    command = [sys.executable, "-I", "-S", server.__file__, "--once"]
    subprocess.run(command, check=True, timeout=30, capture_output=True)


def logged(world: World, part: str) -> list[str]:
    return [line for lines in world.lines().values() for line in lines if part in line]


def length(sqs: Any, url: str) -> int:  # noqa: ANN401
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
    return sum(int(number) for number in found.values())
