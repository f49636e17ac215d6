"""The desired alarms of a service. Pure: settings and names in, properties out.

Properties are the parameters of PutMetricAlarm and PutCompositeAlarm, with two exceptions.
`Metrics` is a mapping by id, so that a plan shows the difference in one metric. `AlarmActions` and
`OKActions` are mappings by ARN, so that actions of `ops` are compared one by one and others stay:
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html
"""

from collections.abc import Mapping

from ops.base.errors import DeclarationError
from ops.control.statistic import statistic_fields
from ops.copilot.place import ServicePlace
from ops.kinds.alarms.alarm import (
    RESULT,
    Alarm,
    CompositeAlarm,
    Condition,
    MathAlarm,
    Metric,
    MetricAlarm,
    Watch,
)
from ops.kinds.alarms.balancer import fitting
from ops.kinds.alarms.counts import counted, samples_per_task
from ops.kinds.alarms.dimensions import dimensions
from ops.kinds.alarms.findings import miscounted, without_data
from ops.kinds.alarms.rule import Reference, Rule
from ops.kinds.alarms.settings import Settings
from ops.kinds.description import described
from ops.kinds.topics.names import notified, settable
from ops.plan.model import Json, Members, Resource

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
# An alarm on a PromQL query has these in place of metrics. Somebody may have changed ours to one.
_NO_CRITERIA: Mapping[str, Json] = {"EvaluationCriteria": None, "EvaluationInterval": None}
_LONGEST_NAME = 255
_LONGEST_RULE = 10_240


def desired(settings: Settings, place: ServicePlace) -> list[Resource]:
    """Return the alarms that the service's `ops.yml` declares; composite ones in a later stage.

    Raise OpsError, or DeclarationError for an alarm of the file, if an alarm needs something that
    the service does not have.
    """
    alarms = fitting(settings, place)
    names = {short: _full_name(short, settings, place) for short in alarms}
    stages = settings.depths()
    return [
        Resource(
            name=names[short],
            properties={
                "AlarmDescription": described(
                    short, alarm.summary, alarm.runbook, settings.runbooks, place.service
                ),
                **_actions(alarm, place),
                **_watched(short, alarm, names, place),
            },
            tags=place.tags,
            stage=stages[short],
            declared_at=("alarms", "define", short),
        )
        for short, alarm in alarms.items()
    ]


def warnings(settings: Settings, place: ServicePlace) -> list[str]:
    """Warn about alarms that CloudWatch accepts and that have no data, or count samples."""
    alarms = fitting(settings, place)
    doubts = (*without_data(alarms), *miscounted(alarms, place.stack))
    return [f"`{place.service}`: {doubt}" for doubt in doubts]


def _full_name(short_name: str, settings: Settings, place: ServicePlace) -> str:
    prefix = settings.prefix
    if prefix is None:
        prefix = f"{place.application}-{place.environment}-{place.service}-"
    name = f"{prefix}{short_name}"
    if len(name) > _LONGEST_NAME:
        raise DeclarationError(
            f"The name of the alarm `{short_name}` is longer than {_LONGEST_NAME} characters",
            f"Shorten `alarms.prefix` in copilot/{place.service}/ops.yml.",
            ("alarms", "define", short_name),
        )
    return name


def _actions(alarm: Watch, place: ServicePlace) -> dict[str, Json]:
    """Return the actions of an alarm: the topic of its severity.

    Only an alarm that pages also notifies of its end: CloudWatch takes the actions of a new alarm's
    first state, so with OK actions each healthy one would send a message at the first sync.
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
    """
    topics = notified(place)
    topic = topics.get(alarm.severity or "")
    ours = sorted(settable(place, topics))
    notifies_of_end = alarm.severity == "page"
    return {
        "AlarmActions": Members({arn: True if arn == topic else None for arn in ours}),
        "OKActions": Members(
            {arn: True if arn == topic and notifies_of_end else None for arn in ours}
        ),
    }


def _watched(
    short_name: str, alarm: Alarm, names: Mapping[str, str], place: ServicePlace
) -> dict[str, Json]:
    match alarm:
        case CompositeAlarm():
            return _composed(short_name, alarm, names)
        case MathAlarm():
            watched = _calculated(short_name, alarm, place)
        case MetricAlarm():
            watched = _measured(short_name, alarm, place)
    every = {} if alarm.datapoints is None else {"DatapointsToAlarm": alarm.datapoints}
    return {
        **watched,
        "ComparisonOperator": _OPERATORS[alarm.comparison],
        "Threshold": _threshold(short_name, alarm, place),
        "EvaluationPeriods": alarm.evaluation_periods,
        **every,
        "TreatMissingData": _MISSING_DATA[alarm.missing_data],
    }


def _measured(short_name: str, alarm: MetricAlarm, place: ServicePlace) -> dict[str, Json]:
    return {
        "Namespace": alarm.namespace,
        "MetricName": alarm.metric,
        "Dimensions": _dimensions(short_name, alarm, place) or None,  # as AWS describes none
        **statistic_fields(alarm.statistic),
        "Metrics": None,
        "Period": alarm.period,
        **_NO_CRITERIA,
    }


def _calculated(short_name: str, alarm: MathAlarm, place: ServicePlace) -> dict[str, Json]:
    """Return metric math in AWS's form: one result, and all others marked as no result."""
    metrics: dict[str, Json] = {
        name: {
            "MetricStat": {
                "Metric": {
                    "Namespace": metric.namespace,
                    "MetricName": metric.metric,
                    "Dimensions": _dimensions(short_name, metric, place),
                },
                "Period": alarm.period,
                "Stat": metric.statistic,
            },
            "Expression": None,
            "ReturnData": False,
        }
        for name, metric in alarm.metrics.items()
    }
    expression = counted(alarm, place.stack)
    result: Json = {"Expression": expression, "MetricStat": None, "ReturnData": True}
    single = ("Namespace", "MetricName", "Dimensions", "Statistic", "ExtendedStatistic", "Period")
    return {"Metrics": {RESULT: result, **metrics}, **dict.fromkeys(single), **_NO_CRITERIA}


def _composed(short_name: str, alarm: CompositeAlarm, names: Mapping[str, str]) -> dict[str, Json]:
    rule = Rule.parse(alarm.rule).written(names)
    if len(rule) > _LONGEST_RULE:
        raise DeclarationError(
            f"The rule of `{short_name}` has {len(rule)} characters once the alarms have their "
            f"full names, and CloudWatch takes {_LONGEST_RULE}",
            "Split it into composite alarms that this one names.",
            ("alarms", "define", short_name),
        )
    suppression = alarm.suppressed_by
    suppressor = Reference(suppression.alarm).name(names) if suppression else None
    return {
        "AlarmRule": rule,
        "ActionsSuppressor": suppressor,
        "ActionsSuppressorWaitPeriod": suppression.wait if suppression else None,
        "ActionsSuppressorExtensionPeriod": suppression.extension if suppression else None,
    }


def _dimensions(short_name: str, metric: Metric, place: ServicePlace) -> list[Json]:
    return [
        {"Name": name, "Value": value}
        for name, value in sorted(dimensions(short_name, metric, place).items())
    ]


def _threshold(short_name: str, alarm: Condition, place: ServicePlace) -> float:
    samples = 1
    if isinstance(alarm, MetricAlarm):
        samples = samples_per_task(alarm, alarm.period, place.stack)
    if isinstance(alarm.threshold, float):
        return alarm.threshold * samples
    tasks = place.workload.tasks
    count = None if tasks is None else tasks.most
    if tasks is not None and alarm.threshold == "min-tasks":
        count = tasks.least
    if count:
        return float(count * samples)
    why = "does not say how many" if count is None else "lets it have none"
    raise DeclarationError(
        f"The alarm `{short_name}` compares with how many tasks `{place.service}` may have, "
        f"and its manifest {why}",
        f"Give the number in copilot/{place.service}/ops.yml, "
        f"`alarms: {{define: {{{short_name}: {{threshold: 1}}}}}}`, or `{short_name}: off`.",
        ("alarms", "define", short_name),
    )
