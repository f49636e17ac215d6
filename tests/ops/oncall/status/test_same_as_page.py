"""`ops status --watch` and the page of `ops local up` show the same facts of one state."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

import boto3
import pytest

from ops.local.page.reading import Reading
from tests.ops.oncall.status.test_command import scale, watch

if TYPE_CHECKING:
    from tests.ops.conftest import Ops


def tag_services() -> None:
    """Tag the services as Copilot's stacks do, by which the page names them."""
    ecs = boto3.client("ecs")
    for cluster in ecs.list_clusters()["clusterArns"]:
        for arn in ecs.list_services(cluster=cluster)["serviceArns"]:
            name = "web" if "-web-" in arn else "worker"
            ecs.tag_resource(resourceArn=arn, tags=[{"key": "copilot-service", "value": name}])


@pytest.fixture
def screen(ops: Ops, queues: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the first screen of `--watch`, without colours."""
    watch()
    scale()
    tag_services()

    def end(_seconds: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("ops.commands.oncall.status.time.sleep", end)
    monkeypatch.setattr("shutil.get_terminal_size", lambda: type("Size", (), {"lines": 100}))
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    shown = ops("status", "--env", "prod", "--watch")
    assert shown.code == 0, shown
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown.out)


def test_both_show_the_same_facts(screen: str) -> None:
    page = Reading(boto3.client).read()  # type: ignore[arg-type]
    sections = dict(re.findall(r"^(\w+)  (\d.*?)(?=\n\n|\Z)", screen, re.DOTALL | re.MULTILINE))
    assert sections.keys() == {service["name"] for service in page["services"]} == {"web", "worker"}
    for service in page["services"]:
        section = sections[service["name"]]
        counts = f"{service['running']} running / {service['desired']} desired / "
        assert section.startswith(counts)
        for deployment in service["deployments"]:
            tasks = f"({deployment['running']}/{deployment['desired']} tasks"
            assert re.search(
                rf":{deployment['revision']} {deployment['state']} {re.escape(tasks)}", section
            )


def test_both_show_the_same_alarms(screen: str) -> None:
    alarms = Reading(boto3.client).read()["alarms"]  # type: ignore[arg-type]
    loud = {alarm["name"] for alarm in alarms if alarm["state"] == "ALARM"}
    assert loud == set(re.findall(r"ALARM (\S+) for", screen)) == {"shop-web-unhealthy"}
    policies = {
        "high" if "AlarmHigh" in alarm["name"] else "low": alarm["state"]
        for alarm in alarms
        if alarm["name"].startswith("TargetTracking-")
    }
    assert policies
    assert "cpu: target 70, " + ", ".join(f"{k} {policies[k]}" for k in ("high", "low")) in screen
    fine = sum(
        alarm["state"] == "OK" and not alarm["name"].startswith("Target") for alarm in alarms
    )
    assert f"{fine} OK" in screen


def test_both_show_the_same_scaling(screen: str) -> None:
    (activity,) = Reading(boto3.client).read()["activities"]  # type: ignore[arg-type]
    (change,) = re.findall(r"changes +.* ago to (\d+): (.+?)\s*$", screen, re.MULTILINE)
    assert activity["service"] == "worker"
    assert change == (re.findall(r"\d+", activity["description"])[0], activity["cause"].rstrip("."))
