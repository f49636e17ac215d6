"""The off-hours of `shop` in AWS."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3

from tests.ops.support.copilot_stacks import cluster_name, service_name, target_name

KEY: Any = {"ServiceNamespace": "ecs"}
SERVICES = ("beat", "worker", "web")
BEAT, WORKER, WEB = (target_name("shop", "staging", name) for name in SERVICES)
# A Wednesday: a working week has off-hours around it. Far away: AWS refuses moments that have
# passed, and the emulator asks its own clock.
NOON = datetime(2098, 6, 18, 12, tzinfo=UTC)
DECLARED = """\
environments:
  staging:
    schedules:
      off_hours:
        timezone: UTC
        up: "07:00"
        down: "19:00"
        weekdays: [mon, tue, wed, thu, fri, sat, sun]
        holidays: [2099-12-24]
        order: [beat, worker, web]
"""


def actions() -> dict[tuple[str, str], Any]:
    """Return the scheduled actions in Application Auto Scaling, by resource and name."""
    found = boto3.client("application-autoscaling").describe_scheduled_actions(**KEY)
    return {
        (each["ResourceId"], each["ScheduledActionName"].removeprefix("ops-off-hours-")): each
        for each in found["ScheduledActions"]
    }


def targets() -> dict[str, tuple[int, int]]:
    found = boto3.client("application-autoscaling").describe_scalable_targets(**KEY)
    return {
        each["ResourceId"]: (each["MinCapacity"], each["MaxCapacity"])
        for each in found["ScalableTargets"]
    }


def rules() -> dict[str, Any]:
    client = boto3.client("cloudwatch")
    names = [
        each["AlarmMuteRuleArn"].rsplit(":", 1)[1]
        for each in client.list_alarm_mute_rules()["AlarmMuteRuleSummaries"]
    ]
    return {name: client.get_alarm_mute_rule(AlarmMuteRuleName=name) for name in names}


def break_alarms(workspace: Path) -> None:
    """Declare an alarm on a queue for the web, which has none."""
    path = workspace / "copilot/web/ops.yml"
    alarm = (
        "    late: {summary: It is late., namespace: AWS/SQS, threshold: 9, missing_data: ignore,"
        " metric: ApproximateAgeOfOldestMessage}\n"
    )
    path.write_text(path.read_text().replace("  define:\n", f"  define:\n{alarm}"))


def counts() -> dict[str, int]:
    """Return the desired count of each service."""
    names = {service_name("shop", "staging", name): name for name in SERVICES}
    found = boto3.client("ecs").describe_services(
        cluster=cluster_name("shop", "staging"), services=list(names)
    )["services"]
    return {names[each["serviceName"]]: each["desiredCount"] for each in found}
