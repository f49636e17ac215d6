"""The reasons of an alarm's state, in CloudWatch's words."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ops.control.cloudwatch.evaluation import State

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ops.control.cloudwatch.evaluation import Condition, Evaluation
    from ops.control.cloudwatch.points import Grid, Points

_WORDS = {
    "GreaterThanOrEqualToThreshold": "greater than or equal to",
    "GreaterThanThreshold": "greater than",
    "LessThanThreshold": "less than",
    "LessThanOrEqualToThreshold": "less than or equal to",
}


def metric_reason(
    condition: Condition, evaluation: Evaluation, grid: Grid, points: Points
) -> tuple[str, str]:
    """Return the reason of a metric alarm's state, and its data as JSON."""
    shown = [
        (datetime.fromtimestamp(time, UTC), value)
        for time, value in zip(grid.times(), points, strict=True)
        if value is not None
    ][-len(evaluation.values) :]
    breaching = [value for value in evaluation.values if condition.breaches(value)]
    data = json.dumps(
        {
            "version": "1.0",
            "period": grid.period,
            "threshold": condition.threshold,
            "recentDatapoints": [value for _, value in shown],
            "startDate": shown[0][0].isoformat() if shown else None,
        }
    )
    unknown = (
        f"{evaluation.filled} datapoint{'s were' if evaluation.filled != 1 else ' was'} unknown"
    )
    if evaluation.state is State.INSUFFICIENT_DATA:
        return f"Insufficient Data: {unknown}.", data
    is_alarm = evaluation.state is State.ALARM
    reported = [(t, v) for t, v in reversed(shown) if condition.breaches(v) is is_alarm]
    if not reported:
        return f"Threshold Crossed: {unknown}, treated as {condition.missing}.", data
    values = ", ".join(f"{value!r} ({moment:%d/%m/%y %H:%M:%S})" for moment, value in reported)
    number = len(breaching) if is_alarm else len(reported)
    direction = "OK -> ALARM" if is_alarm else "ALARM -> OK"
    least = condition.needed if is_alarm else condition.periods - condition.needed + 1
    return (
        f"Threshold Crossed: {number} out of the last {condition.periods} datapoints [{values}] "
        f"{'were' if is_alarm else 'were not'} {_WORDS[condition.comparison]} the threshold "
        f"({condition.threshold!r}) (minimum {least} "
        f"datapoint{'s' if least != 1 else ''} for {direction} transition)."
    ), data


def composite_reason(
    rule: str, state: State, states: Mapping[str, State], names: Iterable[str]
) -> tuple[str, str]:
    """Return the reason of a composite alarm's state, and its data as JSON."""
    parts = {name: states.get(name, State.INSUFFICIENT_DATA) for name in dict.fromkeys(names)}
    described = ", ".join(f"{name} is {part}" for name, part in parts.items())
    data = json.dumps({"triggeringAlarms": [{"name": n, "state": s} for n, s in parts.items()]})
    return f"{rule} is {'true' if state is State.ALARM else 'false'}: {described}", data
