"""Which alarms a service should have. Pure: settings and names in, properties out.

Properties are the parameters of PutMetricAlarm:
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
"""

from collections.abc import Mapping

from ops.alarms.settings import Alarm, Settings
from ops.errors import OpsError
from ops.place import ServicePlace
from ops.plan import Json, Resource

_OPERATORS = {
    ">=": "GreaterThanOrEqualToThreshold",
    ">": "GreaterThanThreshold",
    "<=": "LessThanOrEqualToThreshold",
    "<": "LessThanThreshold",
}
_MISSING_DATA = {
    "breaching": "breaching",
    "not-breaching": "notBreaching",
    "ignore": "ignore",
    "missing": "missing",
}


def desired(settings: Settings, place: ServicePlace) -> list[Resource]:
    """The alarms that the service's `ops.yml` declares.

    Raises OpsError when an alarm needs what the service does not have.
    """
    prefix = settings.prefix
    if prefix is None:
        prefix = f"{place.application}-{place.environment}-{place.service}-"
    return [
        Resource(
            name=f"{prefix}{short_name}",
            properties=_properties(short_name, alarm, settings, place),
            tags=place.tags,
        )
        for short_name, alarm in settings.define.items()
    ]


def _properties(
    short_name: str, alarm: Alarm, settings: Settings, place: ServicePlace
) -> dict[str, Json]:
    percentile = alarm.statistic.startswith("p")
    return {
        "AlarmDescription": _description(short_name, alarm, settings, place),
        "Namespace": alarm.namespace,
        "MetricName": alarm.metric,
        "Dimensions": [
            {"Name": name, "Value": value}
            for name, value in sorted(_dimensions(short_name, alarm, place).items())
        ],
        "Statistic": None if percentile else alarm.statistic,
        "ExtendedStatistic": alarm.statistic if percentile else None,
        "Metrics": None,
        "ComparisonOperator": _OPERATORS[alarm.comparison],
        "Threshold": alarm.threshold,
        "Period": alarm.period,
        "EvaluationPeriods": alarm.evaluation_periods,
        "TreatMissingData": _MISSING_DATA[alarm.missing_data],
    }


def _description(short_name: str, alarm: Alarm, settings: Settings, place: ServicePlace) -> str:
    """What it means, what to do, and where it is declared: read at night, on a phone."""
    parts = [alarm.summary.strip().rstrip(".") + "."]
    if settings.runbooks is not None:
        parts.append(f"Runbook: {settings.runbooks.rstrip('/')}/{short_name}.md")
    parts.append(f"(ops: copilot/{place.service}/ops.yml)")
    return " ".join(parts)


def _dimensions(short_name: str, alarm: Alarm, place: ServicePlace) -> Mapping[str, str]:
    """What the alarm says, or what its namespace calls for."""
    if alarm.dimensions is not None:
        return alarm.dimensions
    stack = place.stack
    match alarm.namespace:
        case "AWS/ECS" | "ECS/ContainerInsights":
            return {"ClusterName": stack.cluster, "ServiceName": stack.service}
        case "AWS/ApplicationELB" | "AWS/NetworkELB":
            if stack.target_group and stack.load_balancer:
                return {"TargetGroup": stack.target_group, "LoadBalancer": stack.load_balancer}
            raise OpsError(
                f"The alarm `{short_name}` needs a load balancer, and `{place.service}` has none",
                f"Remove it from copilot/{place.service}/ops.yml, or give it `dimensions`.",
            )
        case _:
            raise OpsError(
                f"The alarm `{short_name}` needs `dimensions`: "
                f"those of {alarm.namespace} do not follow from the service",
                f"Add them in copilot/{place.service}/ops.yml, such as "
                "`dimensions: {QueueName: my-queue}`, or `{}` for none.",
            )
