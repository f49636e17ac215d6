"""The section `log_metrics` of a service's `ops.yml`.

Copilot's manifest sets how long the log group keeps its lines: `logging.retention`.
"""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, field_validator, model_validator

from ops.base.fields import Number, Section, Text
from ops.control.logs import MOST_DIMENSIONS, MOST_GROUPS, has_fields, pattern_refusal

ShortName = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=255)
]
# https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_MetricTransformation.html
_MetricPart = Annotated[Text, Field(pattern=r"^[^:*$]+$", max_length=255)]
_DimensionPart = Annotated[Text, Field(min_length=1, max_length=255)]
_LogGroup = Annotated[Text, Field(pattern=r"^[\.\-_/#A-Za-z0-9]+$", max_length=512)]
# https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutQueryDefinition.html
_QueryString = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=10_000)
]

# https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDatum.html
Unit = Literal[
    "Seconds",
    "Microseconds",
    "Milliseconds",
    "Bytes",
    "Kilobytes",
    "Megabytes",
    "Gigabytes",
    "Terabytes",
    "Bits",
    "Kilobits",
    "Megabits",
    "Gigabits",
    "Terabits",
    "Percent",
    "Count",
    "Bytes/Second",
    "Kilobytes/Second",
    "Megabytes/Second",
    "Gigabytes/Second",
    "Terabytes/Second",
    "Bits/Second",
    "Kilobits/Second",
    "Megabits/Second",
    "Gigabits/Second",
    "Terabits/Second",
    "Count/Second",
    "None",
]


class MetricFilter(Section):
    """A metric made of the log lines that match a pattern.

    https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutMetricFilter.html
    """

    pattern: str = Field(max_length=1024)
    """A filter pattern of CloudWatch, such as `{ $.level = "ERROR" }`."""
    metric: _MetricPart | None = None
    """The metric's name; by default the filter's."""
    namespace: _MetricPart | None = None
    """By default `<application>/<environment>/<service>`."""
    value: Text = Field("1", min_length=1, max_length=100)
    """What a line adds: a number, or a field such as `$.seconds`."""
    unit: Unit | None = None
    """CloudWatch's name of the unit, such as `Count` or `Seconds`."""
    default: Number | None = None
    """The value while no line matches; 0 without dimensions."""
    dimensions: dict[_DimensionPart, _DimensionPart] = Field(
        default_factory=dict, max_length=MOST_DIMENSIONS
    )
    """Names, and fields with their values. Each value is billed as a metric."""

    @field_validator("pattern")
    @classmethod
    def _readable(cls, pattern: str) -> str:
        if reason := pattern_refusal(pattern):
            raise ValueError(f"is not a filter pattern of CloudWatch Logs: {reason}")
        return pattern

    @model_validator(mode="after")
    def _default_or_dimensions(self) -> "MetricFilter":
        if self.dimensions and self.default is not None:
            raise ValueError("can have `dimensions` or a `default`, not both: AWS allows one")
        return self

    @model_validator(mode="after")
    def _fields_for_dimensions(self) -> "MetricFilter":
        """Raise ValueError for dimensions of a pattern without fields.

        https://github.com/hashicorp/terraform-provider-aws/issues/28881
        """
        if self.dimensions and not has_fields(self.pattern):
            raise ValueError(
                "can have `dimensions` only with a pattern of fields, such as "
                '`{ $.level = "ERROR" }` or `[ip, user, status = 5*]`: a text has no fields'
            )
        return self


class Query(Section):
    """A query that CloudWatch Logs Insights offers among its saved ones."""

    query: _QueryString
    """A query of Logs Insights."""
    log_groups: tuple[_LogGroup, ...] = Field((), max_length=MOST_GROUPS)
    """Log groups besides the service's own."""


class Settings(Section):
    """The resources that `ops` creates on the service's logs, by short names."""

    # https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html
    metric_filters: dict[ShortName, MetricFilter] = Field(default_factory=dict, max_length=100)
    """Metrics made of log lines, at most 100 for each log group."""
    queries: dict[ShortName, Query] = Field(default_factory=dict)
    """Saved queries, in the folder `ops/<application>/<environment>/<service>`."""
