"""The section `alarms` of a service's `ops.yml`."""

from typing import Literal

from pydantic import Field

from ops.fields import Count, Duration, Number, Section, Text

Comparison = Literal[">=", ">", "<=", "<"]
MissingData = Literal["breaching", "not-breaching", "ignore", "missing"]


class Alarm(Section):
    """One alarm on one metric.

    Dimensions follow from the namespace (`AWS/ECS`, `AWS/ApplicationELB`); for any other
    namespace `dimensions` gives them.
    """

    summary: Text  # what it means to the person it wakes; begins the alarm's description
    namespace: str
    metric: str
    dimensions: dict[str, Text] | None = None
    statistic: str = Field(
        "Average", pattern=r"^(Average|Sum|Minimum|Maximum|SampleCount|p\d{1,2}(\.\d+)?)$"
    )
    comparison: Comparison = ">="
    threshold: Number
    period: Duration = 60
    evaluation_periods: Count = Field(1, ge=1)
    missing_data: MissingData


class Settings(Section):
    """All alarms of a service, by their short names.

    An alarm is called `<prefix><short name>`. Names are unique in an account and region, so the
    prefix must tell environments apart.
    """

    prefix: str | None = None  # `<application>-<environment>-<service>-`
    runbooks: str | None = None  # directory or URL; `<runbooks>/<short name>.md` is linked
    define: dict[str, Alarm] = Field(default_factory=dict)
