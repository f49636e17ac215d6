"""A plan, a record and the history as text for people, Markdown and data for programs. Pure."""

from collections.abc import Iterator, Sequence
from datetime import datetime

import click

from ops.base.words import moment, number, span
from ops.copilot.workspace import Release
from ops.plan.model import Json
from ops.release.decisions.model import Change, Plan, Version
from ops.release.decisions.record import Last, Part, Record, State

_SHOWN = 12  # characters of a digest
_COLOURS = {State.RELEASED: "green", State.WENT_BACK: "yellow", State.FAILED: "red"}


def plan_as_text(plan: Plan, settings: Release, now: datetime) -> str:
    """Format what runs, what would be deployed, and in which order."""
    lines = [_title(plan), ""]
    width = max(
        (len(shown_change.workload) for shown_change in (*plan.changes, *plan.unchanged)), default=0
    )
    for at, wave in enumerate(plan.waves, start=1):
        for change in wave:
            step = f"{at}." if change is wave[0] else ""
            lines.append(f"  {step:<3} {change.workload:<{width}}  {_arrow(change)}")
            lines += [f"      {'':<{width}}  {_running(change, plan, now)}"]
    for change in plan.unchanged:
        lines.append(f"      {change.workload:<{width}}  {change.image.tag}, unchanged")
    return "\n".join([*lines, "", *_source(plan), *_checks(settings)])


def plan_as_markdown(plan: Plan, settings: Release, now: datetime) -> str:
    """Format the plan for the comment on a pull request."""
    rows = [
        f"| {at} | {change.workload} | {_before(change)} | {change.image.tag} "
        f"| {_running(change, plan, now)} |"
        for at, wave in enumerate(plan.waves, start=1)
        for change in wave
    ]
    head = ["| step | workload | before | after | runs |", "|---|---|---|---|---|"]
    table = [*head, *rows, ""] if rows else []
    return "\n".join([f"### {_title(plan)}", "", *table, *_source(plan, "- "), *_checks(settings)])


def plan_as_data(plan: Plan) -> dict[str, Json]:
    """Return the plan for `--output json`."""
    return {
        "application": plan.application,
        "environment": plan.environment,
        "tag": plan.tag,
        "digest": plan.digest,
        "rollback": plan.is_rollback,
        "waves": [[_change_as_data(change) for change in wave] for wave in plan.waves],
        "unchanged": [change.workload for change in plan.unchanged],
        "commits": plan.source.commits,
        "migrations": plan.source.migrations,
        "warnings": plan.warnings,
    }


def record_as_text(record: Record, now: datetime, *, is_dead: bool = False) -> str:
    """Format one release: its tag, author, time and progress, and why it failed."""
    lines = [_headline(record, now, is_dead=is_dead)]
    lines += [f"  {part.workload}: {_part(part, record)}" for part in record.parts]
    if record.reason:
        lines += [f"  {line}" for line in f"why: {record.reason}".splitlines()]
    return "\n".join(lines)


def headline(last: Last, now: datetime) -> str:
    """Return one line about a release."""
    reason = last.record.reason
    first = f": {reason.splitlines()[0]}" if reason else ""
    return f"{_headline(last.record, now, is_dead=last.is_dead)}{first}"


def history_as_text(releases: Sequence[Last], now: datetime) -> str:
    """Format the releases, one line each, the newest first."""
    if not releases:
        return "No release yet."
    return "\n".join(headline(release, now) for release in releases)


def record_as_data(record: Record, *, is_dead: bool = False) -> dict[str, Json]:
    """Return a release for `--output json`."""
    return {
        "number": record.number,
        "tag": record.tag,
        "rollback": record.is_rollback,
        "state": "dead" if is_dead else record.state.value,
        "step": record.step,
        "by": record.by,
        "host": record.host,
        "began": record.began.isoformat(timespec="seconds"),
        "ended": record.ended.isoformat(timespec="seconds") if record.ended else None,
        "reason": record.reason,
        "workloads": [
            {
                "name": part.workload,
                "before": part.before,
                "after": part.after,
                "progress": part.progress.value,
            }
            for part in record.parts
        ],
    }


def _title(plan: Plan) -> str:
    if not plan.changes:
        return f"{plan.application} in {plan.environment} runs {plan.tag}: nothing to release."
    what = "Go back to" if plan.is_rollback else "Release"
    return f"{what} {plan.tag} in {plan.environment} of {plan.application}"


def _arrow(change: Change) -> str:
    digest = change.image.digest.removeprefix("sha256:")[:_SHOWN] or "to be built"
    return f"{_before(change)} → {change.image.tag} ({digest})"


def _before(change: Change) -> str:
    if change.before is None:
        return "not deployed"
    return change.before.tag or "another image"


def _running(change: Change, plan: Plan, now: datetime) -> str:
    before = change.before
    if before is None:
        return "new"
    parts = [before.task_definition, number(before.tasks, "task")]
    parts += sorted(digest.removeprefix("sha256:")[:_SHOWN] for digest in before.digests)
    if before.since is not None:
        parts.append(f"{span(now - before.since)} old")
    if by := plan.released.get(before.tag or ""):
        parts.append(f"released by {by}")
    return ", ".join(parts)


def _source(plan: Plan, mark: str = "  ") -> Iterator[str]:
    for what, entries in (("commit", plan.source.commits), ("migration", plan.source.migrations)):
        if entries:
            yield f"{number(len(entries), what)}:"
            yield from (f"{mark}{entry}" for entry in entries)
            yield ""


def _checks(settings: Release) -> Iterator[str]:
    checks = ["ops sync"]
    if settings.verify:
        checks.append(f"`{' '.join(settings.verify)}`")
    if settings.bake:
        checks.append(f"alarms quiet for {span(settings.bake)}")
    yield f"Then: {', '.join(checks)}. Deadline of each workload: {span(settings.deadline)}."


def _change_as_data(change: Change) -> dict[str, Json]:
    before = change.before
    return {
        "workload": change.workload,
        "after": {"tag": change.image.tag, "digest": change.image.digest},
        "before": None if before is None else _version_as_data(before),
    }


def _version_as_data(version: Version) -> dict[str, Json]:
    return {
        "tag": version.tag,
        "digests": sorted(version.digests),
        "task_definition": version.task_definition,
        "since": version.since.isoformat(timespec="seconds") if version.since else None,
        "tasks": version.tasks,
    }


def _headline(record: Record, now: datetime, *, is_dead: bool = False) -> str:
    kind = "rollback" if record.is_rollback else "release"
    state = click.style(record.state.value, fg=_COLOURS.get(record.state))
    if is_dead:
        state = click.style(f"died while {record.state.value}", fg="red")
    if record.is_open and record.step:
        state = f"{state}, {record.step}"
    ago = f"{span(now - (record.ended or record.began))} ago"
    line = f"#{record.number} {kind} of {record.tag}: {state}, by {record.by}, {ago}"
    return f"{line} ({moment(record.began)})"


def _part(part: Part, record: Record) -> str:
    arrow = f"{part.before or 'not deployed'} → {part.after}"
    return arrow if record.state is State.RELEASED else f"{arrow}, {part.progress.value}"
