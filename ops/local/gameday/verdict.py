"""The verdict on a story. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ops.base.fields import as_duration
from ops.local.gameday.story import meets

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ops.local.gameday.evidence import Evidence
    from ops.local.gameday.story import Counts, Story

_SHOWN = 3
_OF_SCALING = "TargetTracking-"
"""Alarms that Application Auto Scaling makes. They notify nobody, and the low ones often fire."""


@dataclass(frozen=True)
class Check:
    """An expectation of a story, and whether it was met."""

    what: str
    passed: bool
    detail: str = ""


def judge(story: Story, evidence: Evidence) -> list[Check]:
    """Return a check for everything that the story expects."""
    checks = [Check("every step was played", evidence.fault is None, evidence.fault or "")]
    checks += _loads(story, evidence)
    checks += _alarms(story, evidence)
    for service, counts in story.expect.counts.items():
        checks += _counts(service, counts, evidence)
    if story.serving is not None:
        few = len(evidence.unserved) <= story.serving.failures
        detail = f"{evidence.asked} requests, {_several(evidence.unserved)}"
        checks.append(Check(f"{story.serving.path} answers all the time", few, detail))
    for what, output in evidence.commands.items():
        checks.append(Check(what, output is None, output or ""))
    return checks


def _loads(story: Story, evidence: Evidence) -> Iterator[Check]:
    number = sum(step.load.number for step in story.steps if step.load is not None)
    if number:
        detail = f"{evidence.made} of {number}; {_several(evidence.refused)}"
        yield Check("every request was accepted", evidence.made == number, detail)
    if condition := story.expect.each:
        what = f"each has the {condition.field} {condition.value} at the end"
        yield Check(what, not evidence.unsettled, _several(evidence.unsettled))


def _alarms(story: Story, evidence: Evidence) -> Iterator[Check]:
    expected = story.expect.alarms
    fired = [
        change
        for change in evidence.changes
        if change.state == "ALARM" and not change.alarm.startswith(_OF_SCALING)
    ]
    for name, within in expected.items():
        times = [change.time for change in fired if change.alarm.endswith(name)]
        limit = as_duration(int(within))
        detail = f"after {as_duration(int(times[0]))}" if times else "it did not fire"
        what = f"{name} fires within {limit}"
        yield Check(what, bool(times) and times[0] <= within, detail)
        if times and story.expect.recover:
            last = [c.state for c in evidence.changes if c.alarm.endswith(name)][-1]
            yield Check(f"{name} recovers", last == "OK", f"it is {last}")
    allowed = (*expected, *story.expect.may_alarm)
    others = sorted(
        {transition.alarm for transition in fired if not transition.alarm.endswith(allowed)}
    )
    yield Check("no other alarm fires", not others, ", ".join(others))


def _counts(service: str, counts: Counts, evidence: Evidence) -> Iterator[Check]:
    seen = [sample.desired[service] for sample in evidence.samples if service in sample.desired]
    if not seen:
        yield Check(f"{service} has a desired count", passed=False)
        return
    course = " → ".join(str(count) for count in _course(seen))
    if counts.most is not None:
        yield Check(f"{service} reaches {counts.most}", max(seen) == counts.most, course)
    if counts.at_most is not None:
        what = f"{service} has never more than {counts.at_most}"
        yield Check(what, max(seen) <= counts.at_most, course)
    if counts.at_least is not None:
        what = f"{service} has never fewer than {counts.at_least}"
        yield Check(what, min(seen) >= counts.at_least, course)
    if counts.last is not None:
        what = f"{service} ends with {counts.last}"
        yield Check(what, meets(counts.last, seen[-1]), course)


def _course(values: list[int]) -> list[int]:
    """Return the values without immediate repetitions."""
    return [value for place, value in enumerate(values) if not place or values[place - 1] != value]


def _several(things: list[str]) -> str:
    if not things:
        return "none failed"
    rest = f" and {len(things) - _SHOWN} more" if len(things) > _SHOWN else ""
    return f"{len(things)} failed: {', '.join(things[:_SHOWN])}{rest}"
