"""The name of a metric in an `ops.yml`, as CloudWatch allows it.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDatum.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_Dimension.html
"""

from typing import Annotated, TypeAlias

from pydantic import AfterValidator, Field

from ops.base.fields import Text
from ops.control.alarms import is_dimension_part
from ops.control.statistic import EXAMPLES, is_statistic


def _dimension_part(text: str) -> str:
    if not is_dimension_part(text):
        raise ValueError("must have ASCII characters only, and not blanks alone")
    return text


def _statistic(text: str) -> str:
    if not is_statistic(text):
        raise ValueError(f"must be a statistic of CloudWatch, such as {EXAMPLES}, not `{text}`")
    return text


Namespace = Annotated[Text, Field(pattern=r"^[^:]", min_length=1, max_length=255)]
MetricName = Annotated[Text, Field(min_length=1, max_length=255)]
Statistic = Annotated[str, AfterValidator(_statistic)]
_DimensionName = Annotated[
    str, Field(pattern=r"^[^:]", max_length=255), AfterValidator(_dimension_part)
]
_DimensionValue = Annotated[
    Text, Field(min_length=1, max_length=1024), AfterValidator(_dimension_part)
]
Dimensions: TypeAlias = Annotated[dict[_DimensionName, _DimensionValue], Field(max_length=30)]
