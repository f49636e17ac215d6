"""The load balancer in front of tasks."""

from __future__ import annotations

import http.client
import json
import urllib.request
from typing import TYPE_CHECKING

import pytest

from tests.local.fargate.world import World, address_of, get, status
from tests.waiting import WAIT, until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ops.local.fargate import Fargate


def test_two_tasks_share_a_port_and_both_serve(
    world: World, fargate: Callable[[], Fargate], url: str
) -> None:
    group = world.serve_web(desired=2)
    fargate().wait_until_steady(WAIT)
    served = [get(url)["address"] for _ in range(4)]
    addresses = {address_of(task) for task in world.tasks()}
    assert served == [served[0], served[1]] * 2
    assert set(served) == addresses
    assert world.health(group) == {address: {"State": "healthy"} for address in addresses}


def test_nothing_healthy_is_503_and_a_broken_target_502(
    world: World, fargate: Callable[[], Fargate], url: str
) -> None:
    running = fargate()
    assert status(url) == 503
    world.serve_web()
    running.wait_until_steady(WAIT)
    assert status(url) == 200
    assert status(f"{url}/break") == 502
    world.update(desiredCount=0)
    until("the task stops", world.stopped)
    assert status(url) == 503


def test_half_an_answer_does_not_look_whole(
    world: World, fargate: Callable[[], Fargate], url: str
) -> None:
    world.serve_web()
    fargate().wait_until_steady(WAIT)
    with pytest.raises((http.client.IncompleteRead, ConnectionError)):
        get(f"{url}/half")


def test_headers_of_one_connection_end_and_those_of_a_load_balancer_are_added(
    world: World, fargate: Callable[[], Fargate], url: str, port: int
) -> None:
    world.serve_web()
    fargate().wait_until_steady(WAIT)
    connection = http.client.HTTPConnection("127.0.0.1", port)  # urllib rewrites `Connection`
    connection.request(
        "GET",
        "/who",
        headers={
            "X-Forwarded-For": "203.0.113.7",
            "Connection": "X-Hop",
            "X-Hop": "1",
            "X-Request-Id": "req_1",
        },
    )
    told = json.loads(connection.getresponse().read())["headers"]
    connection.close()
    headers = {name.title(): value for name, value in told}
    assert headers["X-Forwarded-For"] == "203.0.113.7, 127.0.0.1"
    assert headers["X-Forwarded-Proto"] == "http"
    assert headers["X-Forwarded-Port"] == str(port)
    assert headers["X-Amzn-Trace-Id"].startswith("Root=1-")
    assert headers["X-Request-Id"] == "req_1"
    assert headers["Host"] == f"127.0.0.1:{port}"
    assert "X-Hop" not in headers
    assert get(f"{url}/who?a=%2Fb")["path"] == "/who?a=%2Fb"
    with urllib.request.urlopen(f"{url}/health") as answer:  # noqa: S310 - our own URL
        assert "X-Secret-Hop" not in answer.headers
        assert answer.headers.get_all("Set-Cookie") == ["a=1", "b=2"]


def test_bodies_are_streamed_with_and_without_a_length(
    world: World, fargate: Callable[[], Fargate], url: str
) -> None:
    world.serve_web()
    fargate().wait_until_steady(WAIT)

    def pieces() -> Iterator[bytes]:
        for _ in range(40):
            yield b"z" * 100_000

    for body in (b"z" * 4_000_000, pieces()):
        asked = urllib.request.Request(url, data=body, method="POST")  # noqa: S310
        with urllib.request.urlopen(asked) as answer:  # noqa: S310 - our own URL
            assert (answer.status, answer.read()) == (201, b"4000000")


def test_rules_are_followed_as_they_change(
    world: World, fargate: Callable[[], Fargate], url: str
) -> None:
    listener = world.load_balancer(world.target_group("empty"))
    group = world.target_group()
    world.serve(world.define_web(), group=group)
    fargate().wait_until_steady(WAIT)
    assert status(url) == 503
    rule = world.elbv2.create_rule(
        ListenerArn=listener,
        Priority=10,
        Conditions=[{"Field": "path-pattern", "Values": ["/api*"]}],
        Actions=[{"Type": "forward", "TargetGroupArn": group}],
    )["Rules"][0]["RuleArn"]
    assert (status(f"{url}/api"), status(f"{url}/other")) == (200, 503)
    world.elbv2.create_rule(
        ListenerArn=listener,
        Priority=5,
        Conditions=[{"Field": "path-pattern", "Values": ["/api/closed"]}],
        Actions=[
            {
                "Type": "fixed-response",
                "FixedResponseConfig": {"StatusCode": "410", "ContentType": "text/plain"},
            }
        ],
    )
    assert (status(f"{url}/api"), status(f"{url}/api/closed")) == (200, 410)
    world.elbv2.delete_rule(RuleArn=rule)
    assert status(f"{url}/api") == 503


def test_an_unhealthy_target_is_not_served_and_its_task_replaced(
    world: World, fargate: Callable[[], Fargate], url: str
) -> None:
    # The grace period keeps the ill task alive, so that the balancer alone must avoid it.
    group = world.serve_web(desired=2)
    running = fargate()
    running.wait_until_steady(WAIT)
    ill = get(f"{url}/who")["address"]
    well = get(f"{url}/who")["address"]
    assert get(f"{url}/who")["address"] == ill
    assert get(f"{url}/who")["address"] == well
    get(f"{url}/ill")
    told = until("it is told unhealthy", lambda: _unhealthy(world, group))
    assert told == {
        ill: {
            "State": "unhealthy",
            "Reason": "Target.ResponseCodeMismatch",
            "Description": "Health checks failed with these codes: [503]",
        }
    }
    assert {get(f"{url}/who")["address"] for _ in range(6)} == {well}


def test_it_fails_open_when_no_target_is_healthy(
    world: World, fargate: Callable[[], Fargate], url: str
) -> None:
    """All targets fail together if a database is away; the running tasks are still served."""
    group = world.serve_web(desired=2)
    fargate().wait_until_steady(WAIT)
    addresses = {get(f"{url}/ill")["address"] for _ in range(2)}
    until("both are unhealthy", lambda: _unhealthy(world, group).keys() == addresses)
    assert {get(f"{url}/who")["address"] for _ in range(4)} == addresses


def test_a_target_is_not_served_before_its_first_checks_have_ended(
    world: World, fargate: Callable[[], Fargate], url: str
) -> None:
    group = world.target_group(HealthCheckPath="/break")
    world.elbv2_backend.target_groups[group].health_check_interval_seconds = 600
    world.load_balancer(group)
    world.serve(world.define_web(), group=group)
    fargate()
    until("it is registered", lambda: world.health(group))
    until("it listens", lambda: any("listening" in x for x in world.lines().values()))
    (health,) = world.health(group).values()
    assert health["State"] == "initial"
    assert status(f"{url}/who") == 503


@pytest.mark.parametrize(("attribute", "value"), [("count", "2"), ("percentage", "60")])
def test_it_fails_open_below_the_groups_own_minimum(
    world: World, fargate: Callable[[], Fargate], url: str, attribute: str, value: str
) -> None:
    group = world.serve_web(desired=2)
    fargate().wait_until_steady(WAIT)
    ill = get(f"{url}/ill")["address"]
    until("it is unhealthy", lambda: ill in _unhealthy(world, group))
    assert len({get(f"{url}/who")["address"] for _ in range(4)}) == 1
    key = f"target_group_health.unhealthy_state_routing.minimum_healthy_targets.{attribute}"
    world.elbv2.modify_target_group_attributes(
        TargetGroupArn=group, Attributes=[{"Key": key, "Value": value}]
    )
    assert ill in {get(f"{url}/who")["address"] for _ in range(4)}


def test_a_target_that_fails_its_checks_takes_its_task_with_it(
    world: World, fargate: Callable[[], Fargate], url: str
) -> None:
    group = world.serve_web(healthCheckGracePeriodSeconds=5)
    running = fargate()
    running.wait_until_steady(WAIT)
    get(f"{url}/ill")
    (stopped,) = until("the task stops", world.stopped)
    assert stopped["stoppedReason"] == f"Task failed ELB health checks in (target-group {group})"
    running.wait_until_steady(WAIT)
    assert status(url) == 200


def test_a_second_load_balancer_has_a_port_of_its_own(
    world: World, fargate: Callable[[], Fargate], url: str
) -> None:
    first, second = world.target_group("first"), world.target_group("second")
    world.load_balancer(first, "first")
    world.load_balancer(second, "second")
    world.serve(world.define_web("1"), group=first, name="one")
    world.serve(world.define_web("2"), group=second, name="two")
    running = fargate()
    running.wait_until_steady(WAIT)
    urls = running.urls()
    assert urls["first"] == url
    assert {name: get(at)["version"] for name, at in urls.items()} == {"first": "1", "second": "2"}
    arn = world.elbv2.describe_load_balancers(Names=["second"])["LoadBalancers"][0]
    world.elbv2.delete_load_balancer(LoadBalancerArn=arn["LoadBalancerArn"])
    until("its port is closed", lambda: running.urls().keys() == {"first"})


def _unhealthy(world: World, group: str) -> dict[str, dict[str, str]]:
    return {t: h for t, h in world.health(group).items() if h["State"] == "unhealthy"}
