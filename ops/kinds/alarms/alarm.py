"""Models of an alarm in an `ops.yml`: on a metric, on metric math, or composed of others."""

import math
import re
from typing import Annotated, Literal, TypeAlias

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)

from ops.base.fields import Count, Duration, Section, Text, check_window, queue_name
from ops.control.alarms import MOST_METRICS, check_expression, check_single_series, is_period
from ops.control.functions import SERIES
from ops.kinds.alarms.rule import Reference, Rule
from ops.kinds.metric import Dimensions, MetricName, Namespace, Statistic

Comparison = Literal[">=", ">", "<=", "<"]
MissingData = Literal["breaching", "not-breaching", "ignore", "missing"]
Severity = Literal["page", "warn", "info"]
Of = Literal["service", "target-group", "load-balancer", "queue", "dead-letters"]

RESULT = "result"  # the id of what a math alarm watches


def _threshold(value: object) -> object:
    if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
        return float(value)
    if value in ("max-tasks", "min-tasks"):
        return value
    raise ValueError(f"must be a number, `max-tasks` or `min-tasks`, not `{value}`")


def _period(period: int) -> int:
    """Return a period that CloudWatch allows. Raise ValueError for another.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
    """
    if is_period(period):
        return period
    raise ValueError("must be 10s, 20s, 30s or whole minutes")


def _reference(text: str) -> str:
    Rule.parse(f"ALARM({text})")
    return text


def _metric_id(name: str) -> str:
    if not re.fullmatch(r"[a-z][A-Za-z0-9_]*", name) or name == RESULT:
        raise ValueError(
            f"`{name}` must be a word that begins with a small letter, other than `{RESULT}`"
        )
    return name


Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=100)]
Summary = Annotated[Text, Field(min_length=1, max_length=500)]
Link = Annotated[str, Field(min_length=1, max_length=200)]
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDataQuery.html
MetricId = Annotated[str, Field(max_length=255), AfterValidator(_metric_id)]
Threshold = Annotated[float | Literal["max-tasks", "min-tasks"], BeforeValidator(_threshold)]
Period = Annotated[Duration, AfterValidator(_period)]


class Metric(Section):
    """A metric. Its dimensions follow from `of` or from its namespace."""

    namespace: Namespace
    metric: MetricName
    dimensions: Dimensions | None = None
    of: Of | None = None
    statistic: Statistic = "Average"

    @model_validator(mode="after")
    def _check_queue(self) -> "Metric":
        queue = (self.dimensions or {}).get("QueueName")
        if self.namespace == "AWS/SQS" and queue is not None:
            try:
                queue_name(queue)
            except ValueError as error:
                raise ValueError(f"dimensions: QueueName {error}") from None
        return self


class Watch(Section):
    """The fields that all alarms have."""

    summary: Summary  # begins the alarm's description
    severity: Severity | None = None  # the topic that it notifies, by `topics` in copilot/ops.yml
    runbook: Link | None = None  # in place of `<runbooks>/<short name>.md`


class Condition(Watch):
    """The fields of alarms on numbers: M (`datapoints`) of the last N (`evaluation_periods`)."""

    comparison: Comparison = ">="
    threshold: Threshold
    period: Period = 60
    evaluation_periods: Count = Field(1, ge=1)
    datapoints: Count | None = Field(None, ge=1)  # by default all evaluation periods
    missing_data: MissingData

    @model_validator(mode="after")
    def _check_window(self) -> "Condition":
        check_window(self.period, self.evaluation_periods, "period times evaluation_periods")
        if self.datapoints is not None and self.datapoints > self.evaluation_periods:
            raise ValueError(
                f"needs {self.datapoints} datapoints of {self.evaluation_periods} "
                "evaluation_periods; give fewer datapoints"
            )
        return self


class MetricAlarm(Condition, Metric):
    """An alarm on one metric."""


class MathAlarm(Condition):
    """An alarm on metric math: `metrics` by the names that `expression` calls them."""

    metrics: dict[MetricId, Metric] = Field(min_length=1, max_length=MOST_METRICS)
    expression: Text = Field(min_length=1, max_length=2048)

    @field_validator("expression")
    @classmethod
    def _check_expression(cls, text: str, info: ValidationInfo) -> str:
        """Raise ValueError for an expression that CloudWatch refuses, if the metrics are valid."""
        if "metrics" in info.data:
            names = list(info.data["metrics"])
            check_single_series(check_expression(text, dict.fromkeys(names, SERIES), names))
        return text


class Suppression(Section):
    """A suppressor: while `alarm` is in ALARM, the composite alarm takes no actions.

    `wait` is how long actions wait for the suppressor to go into ALARM, `extension` how long they
    wait after it has left ALARM.
    """

    alarm: Annotated[str, AfterValidator(_reference)]  # as in a rule
    wait: Duration = 60
    extension: Duration = 60


class CompositeAlarm(Watch):
    """An alarm composed of others."""

    rule: str = Field(min_length=1, max_length=10_240)
    suppressed_by: Suppression | None = None

    @field_validator("rule")
    @classmethod
    def _check_rule(cls, text: str) -> str:
        if problems := list(Rule.parse(text).refusals()):
            raise ValueError("; ".join(problems))
        return text

    @property
    def references(self) -> tuple[Reference, ...]:
        """Return the alarms that must exist before this one."""
        suppressor = (Reference(self.suppressed_by.alarm),) if self.suppressed_by else ()
        return (*Rule.parse(self.rule).references, *suppressor)


Alarm: TypeAlias = MetricAlarm | MathAlarm | CompositeAlarm
