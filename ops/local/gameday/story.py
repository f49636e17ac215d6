"""A story of a game day: its steps, and the expectations about it.

Durations are of the control plane: at speed 30, `10m` take twenty seconds.
"""

import operator
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import AfterValidator, Field, ValidationError, model_validator

from ops.base.errors import OpsError
from ops.base.fields import Count, Duration, Section, Switch, Text
from ops.copilot import workspace

FOLDER = "gameday"
"""In `copilot/`."""

_COMPARISON = re.compile(r"(>=|<=|>|<|==)?\s*(\d+)")
_OPERATORS: Mapping[str, Callable[[float, float], bool]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
    "==": operator.eq,
}


def meets(condition: str, value: float) -> bool:
    """Return whether a value meets a condition such as `> 2`; a plain number means equal."""
    match = _COMPARISON.fullmatch(condition.strip())
    if match is None:
        raise ValueError(f"must be a number or a comparison such as `> 2`, not {condition!r}")
    return _OPERATORS[match[1] or "=="](value, float(match[2]))


def _is_condition(text: str) -> str:
    meets(text, 0)
    return text


Condition = Annotated[Text, AfterValidator(_is_condition)]
Words = tuple[Text, ...]
State = Literal["OK", "ALARM", "INSUFFICIENT_DATA"]


class Load(workspace.Load):
    """Requests to the application, and the answer that is expected."""

    at_once: Count = 8
    status: Count = 201
    id: str = "id"
    """The field of the answer that identifies what was made."""


class Interrupt(Section):
    """A Spot interruption."""

    service: str
    count: Count | None = None
    without_capacity: Duration = 0


class Kill(Section):
    """A step that kills processes of tasks, as if their machine were lost."""

    service: str
    count: Count = 1


class Deploy(Section):
    """A deployment of a service with another command, other variables or another CPU."""

    service: str
    command: Words | None = None
    variables: Mapping[str, Text] = {}
    cpu: Literal[256, 512, 1024, 2048, 4096, 8192, 16384] | None = None


class Send(Section):
    """A step that sends a message to a queue."""

    queue: str
    body: str
    number: Count = 1


class Until(Section):
    """A step that waits until all conditions are true."""

    within: Duration
    alarms: Mapping[str, State] = {}
    desired: Mapping[str, Condition] = {}
    running: Mapping[str, Condition] = {}
    queues: Mapping[str, Condition] = {}
    deployment: Mapping[str, Literal["COMPLETED", "FAILED", "ROLLED_BACK"]] = {}
    command: Words = ()
    """Succeeds with exit code 0."""


class Step(Section):
    """A step. Besides `name`, exactly one field is given."""

    name: str = ""
    load: Load | None = None
    interrupt: Interrupt | None = None
    kill: Kill | None = None
    fail: str | None = None
    """The companion that stops."""
    restore: str | None = None
    """The companion that starts again."""
    deploy: Deploy | None = None
    desired: Mapping[str, Count] | None = None
    send: Send | None = None
    run: Words | None = None
    start: Words | None = None
    """A command that runs while the story goes on."""
    wait: Duration | None = None
    until: Until | None = None

    @model_validator(mode="after")
    def _check(self) -> "Step":
        if len(self.given()) != 1:
            raise ValueError("must have exactly one of the actions")
        return self

    def given(self) -> list[str]:
        """Return the names of the actions that are given."""
        return [name for name in type(self).model_fields if name != "name" and self._has(name)]

    def _has(self, name: str) -> bool:
        return getattr(self, name) is not None


class Serving(Section):
    """A probe request that is repeated, and its expected answer."""

    path: str
    status: Count = 200
    failures: Count = 0


class Counts(Section):
    """Limits of a service's desired count, and its value at the end."""

    most: Count | None = None
    """The highest count, exactly."""
    at_most: Count | None = None
    at_least: Count | None = None
    last: Condition | None = None


class Each(Section):
    """A condition on each object that a load has created, by `{id}`."""

    path: str
    field: str
    value: Text


class Expectation(Section):
    """Conditions that must be true of a story."""

    alarms: Mapping[str, Duration] = {}
    """Those that must fire, each with the time within which, from the start of the story."""
    may_alarm: Words = ()
    recover: Switch = True
    """Whether the alarms that fired must be OK at the end."""
    counts: Mapping[str, Counts] = {}
    each: Each | None = None
    commands: Mapping[str, Words] = {}
    """Commands that must succeed, by what they prove."""


class Story(Section):
    """A story of a game day."""

    title: str
    environment: str
    speed: float = Field(default=30, ge=1, le=60)
    queues: Words = ()
    """Names of the queues that the report shows."""
    serving: Serving | None = None
    steps: tuple[Step, ...]
    expect: Expectation = Expectation()


def stories(root: Path) -> dict[str, Path]:
    """Return the stories of a workspace by name."""
    return {path.stem: path for path in sorted((root / "copilot" / FOLDER).glob("*.yml"))}


def load_story(root: Path, name: str) -> Story:
    """Read a story. Raise OpsError for an unknown name or a file that is no story."""
    known = stories(root)
    if name not in known:
        names = ", ".join(known) or "none"
        raise OpsError(
            f"There is no story `{name}` in copilot/{FOLDER}",
            f"There are: {names}. docs/how-to/game-days.md shows how to write one.",
        )
    where = f"copilot/{FOLDER}/{name}.yml"
    try:
        return Story.model_validate(yaml.safe_load(known[name].read_text()))
    except yaml.YAMLError as error:
        raise OpsError(f"{where} is not YAML: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise OpsError(f"{where}: `{place}`: {first['msg']}", "Correct the file.") from error
