"""The resolution of a service's own metrics: its `monitoring` configuration. Pure.

https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_MetricConfiguration.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

STANDARD = 60
"""Seconds of a period, unless a service asks for others."""
HIGH = 20
METRICS = ("CPUUtilization", "MemoryUtilization")


def resolutions(monitoring: Mapping[str, Any] | None) -> dict[str, int]:
    """Return the resolution of each metric in seconds, by the metric's name."""
    chosen = {
        str(name): int(configuration["resolutionSeconds"])
        for configuration in (monitoring or {}).get("metricConfigurations") or ()
        for name in configuration["metricNames"]
    }
    return {name: chosen.get(name, STANDARD) for name in METRICS}


def monitoring_refusals(monitoring: Mapping[str, Any] | None) -> Iterator[str]:
    """Yield why ECS refuses a configuration."""
    for configuration in (monitoring or {}).get("metricConfigurations") or ():
        seconds = configuration.get("resolutionSeconds")
        if seconds not in {STANDARD, HIGH}:
            yield f"resolutionSeconds must be {HIGH} or {STANDARD}, not {seconds}"
        for name in configuration.get("metricNames") or ():
            if name not in METRICS:
                yield f"{name} is not a metric of a service: {' and '.join(METRICS)} are"
