"""The record of a release in Parameter Store, and its states.

Pure. It says what should happen, how far it came, who did it, and the outcome.
"""

import json
from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from enum import StrEnum

from ops.release.decisions.model import Plan

_LONGEST_REASON = 1500  # characters: a parameter's value has 4,096 bytes at most


class State(StrEnum):
    """The state of a release. The first two are open: somebody works on it, or was interrupted."""

    RELEASING = "releasing"
    GOING_BACK = "going back"
    RELEASED = "released"
    WENT_BACK = "went back"
    FAILED = "failed"  # and left as it is


class Progress(StrEnum):
    """The progress of one workload."""

    WAITING = "waiting"
    DEPLOYING = "deploying"
    RELEASED = "released"
    BACK = "back"


@dataclass(frozen=True)
class Part:
    """A workload of a release: its tag before (None if it was not deployed) and after."""

    workload: str
    before: str | None
    after: str
    progress: Progress = Progress.WAITING


@dataclass(frozen=True)
class Record:
    """A release. `waves` has the names of the workloads in their order."""

    number: int
    by: str
    host: str
    process: int
    began: datetime
    parts: tuple[Part, ...]
    waves: tuple[tuple[str, ...], ...]
    state: State = State.RELEASING
    step: str = ""
    reason: str = ""
    ended: datetime | None = None
    is_rollback: bool = False
    is_left: bool = False  # its user went away on purpose

    @property
    def is_open(self) -> bool:
        """Return whether the release has not ended."""
        return self.state in (State.RELEASING, State.GOING_BACK)

    @property
    def tag(self) -> str:
        """Return the tag of the release."""
        return ", ".join(dict.fromkeys(part.after for part in self.parts))

    def part(self, workload: str) -> Part:
        """Return the part of a workload."""
        return next(part for part in self.parts if part.workload == workload)

    def at(self, step: str) -> "Record":
        """Return the record in another step."""
        return replace(self, step=step)

    def having(self, workloads: Collection[str], progress: Progress) -> "Record":
        """Return the record with another progress of some workloads."""
        parts = (
            replace(part, progress=progress) if part.workload in workloads else part
            for part in self.parts
        )
        return replace(self, parts=tuple(parts))

    def failing(self, reason: str) -> "Record":
        """Return the record in the state of going back."""
        return replace(self, state=State.GOING_BACK, reason=_shortened(reason))

    def ending(self, state: State, when: datetime, reason: str = "") -> "Record":
        """Return the record in a final state; the first reason stays."""
        kept = self.reason or _shortened(reason)
        return replace(self, state=state, ended=when, step="", reason=kept)

    def way_back(self) -> tuple[tuple[Part, ...], ...]:
        """Return the waves, in reverse order, of the parts that the release has touched.

        A workload that was not deployed before has no way back.
        """
        waves = []
        for names in reversed(self.waves):
            parts = [self.part(name) for name in names]
            waves.append(tuple(part for part in parts if _is_touched(part)))
        return tuple(wave for wave in waves if wave)


def _is_touched(part: Part) -> bool:
    touched = part.progress in (Progress.DEPLOYING, Progress.RELEASED)
    return touched and part.before is not None and part.before != part.after


@dataclass(frozen=True)
class Last:
    """The last release of an environment."""

    record: Record
    is_dead: bool  # open, and nobody works on it


def new_record(
    plan: Plan, number: int, by: str, host: str, process: int, began: datetime
) -> Record:
    """Return the record of a plan that begins."""
    parts = tuple(
        Part(change.workload, change.before.tag if change.before else None, change.image.tag)
        for change in plan.changes
    )
    waves = tuple(tuple(change.workload for change in wave) for wave in plan.waves)
    return Record(number, by, host, process, began, parts, waves, is_rollback=plan.is_rollback)


def inheriting(record: Record, dead: Record) -> Record:
    """Return a record that continues an interrupted release; its way back is the earlier one's.

    Workloads that the interrupted release has finished and the new plan does not change keep their
    progress.
    """
    old = {part.workload: part for part in dead.parts}
    parts = [
        replace(part, before=old[part.workload].before) if part.workload in old else part
        for part in record.parts
    ]
    mine = {part.workload for part in parts}
    done = [
        part
        for part in dead.parts
        if part.workload not in mine and part.progress is not Progress.WAITING
    ]
    names = {part.workload for part in done}
    before = [tuple(name for name in wave if name in names) for wave in dead.waves]
    waves = (*(wave for wave in before if wave), *record.waves)
    return replace(record, parts=(*done, *parts), waves=waves)


def continuing(record: Record, dead: Record) -> Record:
    """Return a dead release in the hands of the owner of `record`."""
    owner = {name: getattr(record, name) for name in ("number", "by", "host", "process", "began")}
    return replace(dead, **owner, is_left=False)


def as_text(record: Record) -> str:
    """Return the record as JSON, as short as it can be."""
    data = asdict(record)
    for name in ("began", "ended"):
        data[name] = data[name] and data[name].isoformat(timespec="seconds")
    return json.dumps(data, separators=(",", ":"))


def from_text(text: str) -> Record:
    """Return the record in a JSON text. Raise ValueError, KeyError or TypeError for other texts."""
    data = json.loads(text)
    for name in ("began", "ended"):
        data[name] = data[name] and datetime.fromisoformat(data[name])
    data["parts"] = tuple(_part(**part) for part in data["parts"])
    data["waves"] = tuple(map(tuple, data["waves"]))
    data["state"] = State(data["state"])
    return Record(**data)


def _part(workload: str, before: str | None, after: str, progress: str) -> Part:
    return Part(workload, before, after, Progress(progress))


def good_before(records: Iterable[Record], current: dict[str, str | None]) -> Record | None:
    """Return the newest release of what runs now, so that its `before` is the way back.

    `records` are the newest first. Rollbacks are skipped: going back twice goes back two releases.
    """
    for record in records:
        is_release = record.state is State.RELEASED and not record.is_rollback
        if is_release and all(current.get(part.workload) == part.after for part in record.parts):
            return record
    return None


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST_REASON else f"{text[: _LONGEST_REASON - 1]}…"
