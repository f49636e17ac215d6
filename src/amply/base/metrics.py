"""Metrics as log lines in CloudWatch's embedded metric format.

CloudWatch reads them from the log group that the line ends in anyway: no agent, no call to make,
and a log line in the usual format for people.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html

Every metric is in the namespace `Amply` and has the dimension `Environment`. Each further
combination of dimensions is a metric of its own, and billed: give names of tasks, never of donors.
"""

import logging
import os
import time
from typing import Literal

NAMESPACE = "Amply"

Unit = Literal["Count", "Seconds", "Bytes", "Percent", "None"]

logger = logging.getLogger(__name__)


def count(name: str, value: int = 1, **dimensions: str) -> None:
    """Write a counter: something happened `value` times."""
    _write(name, value, "Count", dimensions)


def duration(name: str, seconds: float, **dimensions: str) -> None:
    """Write how long something took, in seconds."""
    _write(name, round(seconds, 6), "Seconds", dimensions)


def gauge(
    name: str, value: float, unit: Unit, *, resolution: Literal[1, 60] = 60, **dimensions: str
) -> None:
    """Write a value at this moment.

    With a `resolution` of 1 s, alarms may have periods of ten seconds.
    """
    _write(name, value, unit, dimensions, resolution)


def _write(
    name: str, value: float, unit: Unit, dimensions: dict[str, str], resolution: int = 60
) -> None:
    # Read here rather than from Settings: a metric may be about a start that failed.
    dimensions = {"Environment": os.environ.get("ENVIRONMENT") or "development", **dimensions}
    stored = {} if resolution == 60 else {"StorageResolution": resolution}
    directive = {
        "Namespace": NAMESPACE,
        "Dimensions": [list(dimensions)],
        "Metrics": [{"Name": name, "Unit": unit, **stored}],
    }
    metadata = {"Timestamp": time.time_ns() // 1_000_000, "CloudWatchMetrics": [directive]}
    logger.info("%s %s", name, value, extra={"_aws": metadata, **dimensions, name: value})
