"""The section `events` of a service's `ops.yml`: a preset, and changes to it."""

from typing import Annotated, Literal, Union

from pydantic import BeforeValidator, Field

from ops.base.fields import Section
from ops.kinds.alarms.alarm import Link, Severity, Summary

Name = Literal["deploy-failed", "task-oom", "spot-interrupted"]


class Event(Section):
    """What is different in an event of the preset."""

    summary: Summary | None = None  # what it means to the person who is told; begins the message
    severity: Severity | None = None  # who is told, by `topics` in copilot/ops.yml
    runbook: Link | None = None  # in place of `<runbooks>/<event>.md`


def _written(value: object) -> object:
    if value is None:
        return {}  # as it is in the preset
    return None if value is False or value == "off" else value


_Change = Annotated[
    Event | None,  # None is off
    BeforeValidator(_written, json_schema_input_type=Union[Event, Literal[False, "off"]]),  # noqa: UP007
]


class Settings(Section):
    """The events of a service of which somebody is told: those of its `preset`, as `define` has it.

    Each is an EventBridge rule `<app>-<env>-<service>-<event>`.
    """

    preset: Literal["service"]
    runbooks: Link | None = None  # directory or URL; `<runbooks>/<event>.md` is linked
    define: dict[Name, _Change] = Field(default_factory=dict)  # by event; `off` switches it off
