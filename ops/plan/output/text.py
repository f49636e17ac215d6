"""Plans, results and lists as text for people and as JSON for programs."""

import json
from collections.abc import Iterator, Mapping, Sequence

import click

from ops.plan.model import (
    Change,
    Conflict,
    Create,
    Delete,
    Json,
    Live,
    Orphan,
    Plan,
    Unchanged,
    Update,
)
from ops.plan.output.field_lines import field_lines, shown
from ops.plan.output.widgets import dashboard_lines
from ops.plan.report import Result, Survey

_ACTIONS: dict[type[Change], tuple[str, str, str]] = {
    Create: ("create", "+", "green"),
    Update: ("update", "~", "yellow"),
    Delete: ("delete", "-", "red"),
    Conflict: ("conflict", "!", "red"),
    Orphan: ("orphaned", "?", "yellow"),
    Unchanged: ("unchanged", " ", ""),
}
_PRESENTED = {"dashboards": dashboard_lines}  # kinds with their own format
_DONE = {"create": "created", "update": "updated", "delete": "deleted"}


def action_of(change: Change) -> str:
    """Return a change's name: create, update, delete, conflict, orphaned or unchanged."""
    return _ACTIONS[type(change)][0]


def plan_as_text(survey: Survey) -> str:
    """Format every resource that changes, each field as old → new; then the totals."""
    lines = [_title(survey), ""]
    for plan in survey.plans:
        lines += _plan_lines(plan, survey.authors)
    return "\n".join([*lines, plan_sum(survey)])


def plan_as_data(survey: Survey) -> dict[str, Json]:
    """Return the plan for `--output json`."""
    return {
        "application": survey.application,
        "environment": survey.environment,
        "kinds": [
            {
                "kind": plan.kind,
                "changes": [_change_as_data(plan.kind, change, survey) for change in plan.changes],
            }
            for plan in survey.plans
        ],
        "summary": dict(_counts(survey)),
        "problems": [str(problem) for problem in survey.problems],
        "warnings": list(survey.warnings),
    }


def results_as_text(results: Sequence[Result]) -> str:
    """Format one line for each change that was tried."""
    lines = []
    for result in results:
        action = action_of(result.change)
        if result.error is None:
            lines.append(click.style(f"  ✔ {_DONE[action]} {result.change.name}", fg="green"))
        else:
            lines.append(
                click.style(f"  ✘ {action} {result.change.name}: {result.error}", fg="red")
            )
    return "\n".join(lines)


def results_as_data(results: Sequence[Result]) -> list[Json]:
    """Return the results for `--output json`."""
    return [
        {
            "kind": result.kind,
            "name": result.change.name,
            "action": action_of(result.change),
            "done": result.error is None,
            "error": None if result.error is None else str(result.error),
        }
        for result in results
    ]


def list_as_text(kind: str, owned: Sequence[Live]) -> str:
    """Format a table of names and the state that AWS reports."""
    if not owned:
        return f"No {kind} created by ops exist here."
    columns = ["name", *owned[0].state]
    rows = [[live.name, *(shown(value) for value in live.state.values())] for live in owned]
    widths = [max(map(len, column)) for column in zip(columns, *rows, strict=True)]
    lines = (
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in [columns, *rows]
    )
    return "\n".join(lines)


def list_as_data(survey: Survey, owned: Sequence[Live]) -> dict[str, Json]:
    """Return the list for `--output json`, with all properties."""
    return {
        "application": survey.application,
        "environment": survey.environment,
        "resources": [
            {"name": live.name, **live.state, "properties": live.properties} for live in owned
        ],
        "problems": [str(problem) for problem in survey.problems],
    }


def as_json(data: Json) -> str:
    """Format JSON the way that all commands print it."""
    return json.dumps(data, indent=2, ensure_ascii=False)


def _title(survey: Survey) -> str:
    place = (
        f"{survey.application}, {survey.environment}" if survey.environment else survey.application
    )
    return click.style(place, bold=True)


def _plan_lines(plan: Plan, authors: Mapping[str, str]) -> Iterator[str]:
    changes = [change for change in plan.changes if not isinstance(change, Unchanged)]
    unchanged = len(plan.changes) - len(changes)
    if not plan.changes:
        return
    note = f" ({unchanged} unchanged)" if unchanged else ""
    yield f"{plan.kind}{note}"
    for change in changes:
        action, sign, colour = _ACTIONS[type(change)]
        yield click.style(f"  {sign} {action} {change.name}", fg=colour)
        if isinstance(change, Conflict):
            yield f"      {change.why}"
        yield from (f"      {line}" for line in change_lines(plan.kind, change, aligned=True))
        if author := author_line(plan.kind, change, authors):
            yield f"      {author}"
    yield from [""] if changes else []


def author_line(kind: str, change: Change, authors: Mapping[str, str]) -> str | None:
    """Describe the last author or, for a missing resource, who deleted it; None if unknown."""
    author = authors.get(f"{kind} {change.name}")
    verb = "removed" if isinstance(change, Create) else "last written"
    return None if author is None else f"{verb} by {author}"


def change_lines(kind: str, change: Change, *, aligned: bool) -> Iterator[str]:
    """Yield the differences of a resource, not indented."""
    present = _PRESENTED.get(kind, field_lines)
    return present(change.fields, is_new=isinstance(change, Create), aligned=aligned)


def _change_as_data(kind: str, change: Change, survey: Survey) -> dict[str, Json]:
    return {
        "action": action_of(change),
        "name": change.name,
        "fields": [
            {"field": field.path, "old": field.old, "new": field.new} for field in change.fields
        ],
        "last_written_by": survey.authors.get(f"{kind} {change.name}"),
        **({"why": change.why} if isinstance(change, Conflict) else {}),
    }


def _counts(survey: Survey) -> dict[str, int]:
    counts = {action: 0 for action, _, _ in _ACTIONS.values()}
    for plan in survey.plans:
        for change in plan.changes:
            counts[action_of(change)] += 1
    return counts


def plan_sum(survey: Survey) -> str:
    """Summarise the plan in one sentence."""
    counts = _counts(survey)
    if not sum(counts.values()):
        return "Nothing is declared." if not survey.problems else "Nothing could be planned."
    parts = [
        f"{count} to {action}" for action, count in counts.items() if action in _DONE and count
    ]
    if counts["conflict"]:
        parts.append(f"{counts['conflict']} in conflict")
    orphans = counts["orphaned"]
    if not parts:
        count = counts["unchanged"]
        are = f"all {count} are" if count != 1 else "1 is"
        unchanged = f"Nothing to change: {are} as declared."
        return f"{unchanged} {_orphans(orphans)}." if orphans else unchanged
    parts.append(f"{counts['unchanged']} unchanged")
    return ", ".join([*parts, *([_orphans(orphans)] if orphans else [])]) + "."


def _orphans(count: int) -> str:
    return f"{count} no longer declared: --prune deletes {'it' if count == 1 else 'them'}"
