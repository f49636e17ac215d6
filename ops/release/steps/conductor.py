"""The steps of a release, forwards and back: deploy wave by wave, sync, verify, bake.

Each step is recorded before it begins, so that the record shows what may have happened. Going
back uses the same code with the earlier images.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from math import ceil
from typing import Literal, TypeAlias

from ops.base import clock
from ops.base.words import span
from ops.release.aws.alarms import Alarms
from ops.release.aws.journal import Current
from ops.release.aws.live import Live
from ops.release.aws.reasons import Reasons
from ops.release.decisions.model import Image
from ops.release.decisions.record import Part, Progress, Record, State
from ops.release.decisions.verdict import Done, Failed, Waiting
from ops.release.steps.deployer import Deployer
from ops.release.steps.watch import Goal, Watch

Choice: TypeAlias = Literal["wait", "back", "leave"]

_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 5.0  # seconds between two looks
_GLANCE = 0.25  # seconds between two checks whether a command on this machine has ended
_SETTLING = 1800  # seconds for a stack to roll back


class StepFailedError(Exception):
    """A step of a release failed; the message says why, in several lines."""


class LeftError(Exception):
    """The user left after Ctrl-C; the release stays open."""


@dataclass(frozen=True)
class Settings:
    """The settings of a run. `deadline` and `bake` are seconds."""

    deadline: float
    bake: float
    rolls_back: bool = True
    force: bool = False


@dataclass(frozen=True)
class Tools:
    """The tools of a release.

    `sync` returns an error or nothing. `smoke` returns why the command failed, or nothing; None
    without a command. `asked` returns the answer to a Ctrl-C, or None.
    """

    live: Live
    reasons: Reasons
    alarms: Alarms
    deployer: Deployer
    sync: Callable[[], str]
    smoke: Callable[[], str] | None
    tell: Callable[[str], None]
    asked: Callable[[], Choice | None]


class Conductor:
    """The conductor of one release. `images` are those of the tags in its record."""

    def __init__(
        self,
        current: Current,
        types: Mapping[str, str],
        images: Mapping[str, Image],
        settings: Settings,
        tools: Tools,
    ) -> None:
        self.current = current
        self._types = types
        self._images = images
        self._settings = settings
        self._tools = tools
        self._firing_before = set[str]()

    def run(self) -> Record:
        """Continue the release from the state of its record."""
        return self.back() if self._record.state is State.GOING_BACK else self.forwards()

    def leave(self) -> None:
        """Mark the release as left, so that another run may continue it at once."""
        self.current.set(replace(self._record, is_left=True))

    def forwards(self) -> Record:
        """Release, and go back if a step fails; return the final record."""
        record = self._record
        workloads = [part.workload for part in record.parts]
        self._firing_before = self._firing(workloads)
        try:
            for names in record.waves:
                self._deploy([record.part(name) for name in names])
            problem = self._sync()
            self._smoke()
            self._bake(workloads)
        except StepFailedError as failure:
            return self._failed(str(failure))
        return self._end(State.RELEASED, problem)

    def back(self) -> Record:
        """Go back to the earlier versions; return the final record."""
        for parts in self._record.way_back():
            names = " and ".join(f"{part.workload} to {part.before}" for part in parts)
            try:
                self._note(f"going back: {names}")
                self._reach([self._goal(part, part.before or "") for part in parts])
            except StepFailedError as failure:
                return self._end(State.FAILED, f"the way back failed, too: {failure}")
            workloads = {part.workload for part in parts}
            self.current.set(self._record.having(workloads, Progress.BACK))
        return self._end(State.WENT_BACK)

    @property
    def _record(self) -> Record:
        return self.current.record

    def _deploy(self, parts: Sequence[Part]) -> None:
        names = [part.workload for part in parts]
        todo = [part for part in parts if self._record.part(part.workload).progress in _OPEN]
        if not todo:
            return
        self.current.set(
            self._record.having(names, Progress.DEPLOYING).at(f"deploying {', '.join(names)}")
        )
        self._reach([self._goal(p, p.after, force=self._settings.force) for p in todo])
        self.current.set(self._record.having(names, Progress.RELEASED))

    def _goal(self, part: Part, tag: str, *, force: bool = False) -> Goal:
        return Goal(part.workload, self._types[part.workload], self._images[tag], force)

    def _reach(self, goals: Sequence[Goal]) -> None:
        """Deploy workloads side by side. Raise StepFailedError with the reasons."""
        began, start = clock.now(), time.monotonic()
        tools = self._tools
        watches = [Watch(goal, tools.live, tools.deployer) for goal in goals]
        reported = dict[str, str]()
        pause = _FIRST_PAUSE
        while True:
            for watch in [candidate for candidate in watches if candidate.is_open]:
                watch.step()
                if time.monotonic() - start > self._settings.deadline and watch.is_open:
                    watch.fail(self._too_late(watch))
                self._report(watch, reported, time.monotonic() - start)
            if any(isinstance(watch.verdict, Failed) for watch in watches):
                self._stop(watches)
                raise StepFailedError(self._why(watches, began))
            if not any(watch.is_open for watch in watches):
                return
            try:
                pause = self._pause(pause, watches)
            except StepFailedError:
                self._stop(watches)
                raise

    def _too_late(self, watch: Watch) -> str:
        tag, deadline = watch.goal.image.tag, span(self._settings.deadline)
        what = watch.verdict.what if isinstance(watch.verdict, Waiting) else "its turn"
        return f"it did not run {tag} within {deadline} (release.deadline): waiting for {what}"

    def _report(self, watch: Watch, reported: dict[str, str], seconds: float) -> None:
        goal, verdict = watch.goal, watch.verdict
        match verdict:
            case Done():
                self._tools.tell(f"✔ {goal.workload} runs {goal.image.tag} ({span(seconds)})")
            case Failed():
                self._tools.tell(f"✘ {goal.workload} does not reach {goal.image.tag}")
            case Waiting(what) if reported.get(goal.workload) != what:
                reported[goal.workload] = what
                self._tools.tell(f"  {goal.workload}: waiting for {what}")

    def _stop(self, watches: Sequence[Watch]) -> None:
        """Stop the running deployments, and wait until nothing changes any more."""
        for watch in watches:
            if not isinstance(watch.verdict, Done) and watch.deployment is not None:
                self._tools.live.cancel(watch.goal.workload)
        end = time.monotonic() + _SETTLING
        pause = _FIRST_PAUSE
        while any(not watch.is_at_rest() for watch in watches) and time.monotonic() < end:
            time.sleep(pause)
            pause = min(pause * 1.5, _LONGEST_PAUSE)

    def _why(self, watches: Sequence[Watch], began: datetime) -> str:
        lines = []
        for watch in watches:
            if isinstance(watch.verdict, Failed):
                workload = watch.goal.workload
                arn = self._tools.live.arn(workload)
                lines.append(f"{workload}: {watch.verdict.why}")
                details = self._tools.reasons.of(workload, arn, began)
                lines += [f"  {line}" for line in details]
        return "\n".join(lines)

    def _sync(self) -> str:
        """Sync, and return the problem; it does not make the release go back."""
        self._note("sync")
        problem = self._tools.sync()
        return f"`ops sync` failed, run it again: {problem}" if problem else ""

    def _smoke(self) -> None:
        if self._tools.smoke is None:
            return
        self._note("smoke command")
        if problem := self._tools.smoke():
            raise StepFailedError(problem)
        self._tools.tell("✔ release.verify")

    def _bake(self, workloads: Sequence[str]) -> None:
        """Wait while alarms stay quiet. Raise StepFailedError if one fires."""
        if not self._settings.bake:
            return
        self._note("bake")
        end = time.monotonic() + self._settings.bake
        while True:
            if firing := self._firing(workloads) - self._firing_before:
                raise StepFailedError(f"in ALARM since the release: {', '.join(sorted(firing))}")
            if time.monotonic() >= end:
                break
            self._pause(min(_LONGEST_PAUSE, max(0.0, end - time.monotonic())))
        self._tools.tell(f"✔ alarms quiet for {span(self._settings.bake)}")

    def _firing(self, workloads: Sequence[str]) -> set[str]:
        """Return the alarms of the workloads that are in ALARM; nothing without a bake."""
        alarms = self._tools.alarms
        return alarms.firing(alarms.of(workloads)) if self._settings.bake else set()

    def _note(self, step: str) -> None:
        self._tools.tell(f"→ {step}")
        self.current.set(self._record.at(step))

    def _pause(self, seconds: float, watches: Sequence[Watch] = ()) -> float:
        """Wait, at most until the command of a watch ends, and return the next pause.

        Raise StepFailedError or LeftError for a user who no longer wants to, LostError if another
        release took over.
        """
        self.current.require_ours()
        match self._tools.asked():
            case "back" if self._record.state is State.RELEASING:
                raise StepFailedError("the user asked to go back")
            case "leave":
                raise LeftError
        for _ in range(ceil(seconds / _GLANCE)):
            if any(watch.has_news for watch in watches):
                return _FIRST_PAUSE
            time.sleep(min(seconds, _GLANCE))
        return min(seconds * 1.5, _LONGEST_PAUSE)

    def _failed(self, reason: str) -> Record:
        self._tools.tell(f"✘ {reason}")
        if not self._settings.rolls_back or not any(self._record.way_back()):
            return self._end(State.FAILED, reason)
        self.current.set(self._record.failing(reason))
        return self.back()

    def _end(self, state: State, reason: str = "") -> Record:
        self.current.set(self._record.ending(state, clock.now(), reason))
        return self._record


_OPEN = (Progress.WAITING, Progress.DEPLOYING)
