"""The section `events` of a service's `ops.yml`: a preset, and changes to it."""

from typing import Annotated, Literal, Union

from pydantic import BeforeValidator, Field, ValidationError, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

from ops.base.fields import Section
from ops.kinds.alarms.alarm import Link, Severity, Summary
from ops.kinds.description import described

Name = Literal["deploy-failed", "task-oom", "spot-interrupted"]

# https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html
_LONGEST_DESCRIPTION = 512


class Event(Section):
    """The changed fields of an event of the preset."""

    summary: Summary | None = None  # begins the message
    severity: Severity | None = None  # the topic that it notifies, by `topics` in copilot/ops.yml
    runbook: Link | None = None  # in place of `<runbooks>/<event>.md`


def _written(value: object) -> object:
    if value is None:
        return {}  # unchanged
    return None if value is False or value == "off" else value


_Change = Annotated[
    Event | None,  # None is off
    BeforeValidator(_written, json_schema_input_type=Union[Event, Literal[False, "off"]]),  # noqa: UP007
]


class Settings(Section):
    """The events of a service that notify somebody: those of its `preset`, changed by `define`.

    Each is an EventBridge rule `<app>-<env>-<service>-<event>`.
    """

    preset: Literal["service"]
    runbooks: Link | None = None  # directory or URL; `<runbooks>/<event>.md` is linked
    define: dict[Name, _Change] = Field(default_factory=dict)  # by event; `off` switches it off

    @model_validator(mode="after")
    def _check_descriptions(self) -> "Settings":
        """Raise ValidationError for a long description; a plan adds the service's name to it."""
        problems = [
            InitErrorDetails(type=_too_long(length), loc=("define", name, "summary"), input=None)
            for name, event in self.define.items()
            if event is not None and (length := self._length(name, event)) > _LONGEST_DESCRIPTION
        ]
        if problems:
            raise ValidationError.from_exception_data("Settings", problems)
        return self

    def _length(self, name: str, event: Event) -> int:
        """Return the length of a rule's description without the service's name."""
        return len(described(name, event.summary or "", event.runbook, self.runbooks, service=""))


def _too_long(length: int) -> PydanticCustomError:
    message = (
        f"makes a description of {length} characters with its runbook, and EventBridge takes "
        f"{_LONGEST_DESCRIPTION}"
    )
    return PydanticCustomError("value_error", "{error}", {"error": message})
