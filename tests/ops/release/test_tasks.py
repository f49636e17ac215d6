"""`ops restart` and `ops scale`, against a service that a test controls."""

from typing import TYPE_CHECKING, Any, cast

import pytest

from ops.base.errors import OpsError
from ops.copilot.place import ServicePlace, ServiceStack
from ops.copilot.workload import TaskRange, Workload
from ops.release.aws.tasks import Tasks, until_when

if TYPE_CHECKING:
    from collections.abc import Iterator

STACK = ServiceStack(
    "shop-prod-web",
    "shop-prod",
    "web",
    scalable_target="service/shop-prod/web",
    account="123456789012",
    region="eu-central-1",
)


def place(tasks: TaskRange | None = None) -> ServicePlace:
    return ServicePlace("shop", "prod", "web", STACK, Workload(tasks=tasks))


def service(desired: int, running: int, *deployments: tuple[str, str]) -> dict[str, Any]:
    """Return a service of DescribeServices; a deployment is its ID and rollout state,
    newest first.
    """
    return {
        "desiredCount": desired,
        "runningCount": running,
        "deployments": [
            {"id": name, "rolloutState": state, "status": "ACTIVE" if at else "PRIMARY"}
            for at, (name, state) in enumerate(deployments)
        ],
    }


class Fake:
    """ECS, Application Auto Scaling and the reasons of failures."""

    def __init__(self, updated: dict[str, Any], *looks: dict[str, Any]) -> None:
        self.updates: list[dict[str, object]] = []
        self._updated = updated
        self._looks: Iterator[dict[str, Any]] = iter(looks)

    def client(self, _access: object) -> "Fake":
        return self

    def update_service(self, cluster: str, service: str, **settings: object) -> dict[str, Any]:
        assert (cluster, service) == ("shop-prod", "web")
        self.updates.append(settings)
        return {"service": self._updated}

    def describe_services(self, **_: object) -> dict[str, Any]:
        return {"services": [next(self._looks)]}

    def get_paginator(self, _operation: str) -> "Fake":
        return self

    def paginate(self, **_: object) -> list[dict[str, Any]]:
        target = {
            "ResourceId": "service/shop-prod/web",
            "ScalableTargetARN": "arn",
            "MinCapacity": 2,
            "MaxCapacity": 10,
        }
        return [{"ScalableTargets": [target]}]


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ops.base.clock.sleep", lambda _seconds: None)
    lines = ["task 12ab: Essential container in task exited", "  no configuration"]
    monkeypatch.setattr("ops.release.aws.reasons.Reasons.of", lambda *_: lines)


def tasks(fake: Fake, range_: TaskRange | None = None) -> Tasks:
    return Tasks(cast("Any", fake), place(range_))


def test_a_restart_ends_when_only_new_tasks_are_left() -> None:
    new, old = ("new", "IN_PROGRESS"), ("old", "COMPLETED")
    fake = Fake(
        service(2, 2, new, old),
        service(2, 3, new, old),
        service(2, 2, ("new", "COMPLETED"), old),
        service(2, 2, ("new", "COMPLETED")),
    )
    told: list[str] = []
    assert tasks(fake).restart(told.append) == 2
    assert fake.updates == [{"forceNewDeployment": True}]
    assert told == ["  web: 3 tasks running, 2 desired", "  web: 2 tasks running, 2 desired"]


@pytest.mark.parametrize("after", [("new", "FAILED"), ("back", "IN_PROGRESS")])
def test_a_restart_that_fails_or_is_rolled_back_says_why(after: tuple[str, str]) -> None:
    fake = Fake(service(2, 2, ("new", "IN_PROGRESS")), service(2, 2, after))
    with pytest.raises(OpsError) as failed:
        tasks(fake).restart(lambda _: None)
    assert "The new tasks of `web` fail" in str(failed.value)
    assert "no configuration" in str(failed.value)


def test_a_number_is_set_and_waited_for() -> None:
    only = ("one", "COMPLETED")
    fake = Fake(service(6, 2, only), service(6, 4, only), service(6, 6, only))
    assert tasks(fake).scale(6, lambda _: None) == 6
    assert fake.updates == [{"desiredCount": 6}]


@pytest.mark.parametrize(
    ("range_", "owner"),
    [
        (TaskRange(2, 10), "Change `count: range:` in copilot/web/manifest.yml"),
        (TaskRange(1, 4), "`ops schedules` or another tool set it"),
    ],
)
def test_a_number_outside_the_range_is_refused_with_its_owner(
    range_: TaskRange, owner: str
) -> None:
    fake = Fake(service(2, 2, ("one", "COMPLETED")))
    for count in (1, 11):
        with pytest.raises(OpsError) as refused:
            tasks(fake, range_).scale(count, lambda _: None)
        assert "2 to 10 tasks" in str(refused.value)
        assert owner in str(refused.value)
    assert fake.updates == []


def test_who_is_overruled_meanwhile_is_told() -> None:
    fake = Fake(service(6, 2, ("one", "COMPLETED")), service(3, 2, ("one", "COMPLETED")))
    with pytest.raises(OpsError, match="set `web` to 3 in the meantime"):
        tasks(fake).scale(6, lambda _: None)


def test_how_long_a_number_lasts() -> None:
    assert "scaling policies" in until_when(place())
    fixed = ServicePlace(
        "shop", "prod", "web", ServiceStack("s", "c", "web"), Workload(tasks=TaskRange(3, 3))
    )
    assert until_when(fixed) == "The next deployment sets it back to the manifest's 3."
