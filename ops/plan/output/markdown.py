"""Plans in Markdown, as a comment on a pull request. No AWS here."""

from collections.abc import Iterator, Mapping

from ops.plan.model import Change, Conflict, Plan, Unchanged
from ops.plan.output.text import action_of, author_line, change_lines, plan_sum
from ops.plan.report import Survey

_SIGNS = {"create": "+", "update": "!", "delete": "-", "conflict": "#", "orphaned": "#"}


def plan_as_markdown(survey: Survey) -> str:
    """Format a heading, the totals, and a diff block for each kind that changes."""
    place = f"{survey.application}, {survey.environment}" if survey.environment else ""
    lines = [f"### ops plan: {place or survey.application}", "", plan_sum(survey)]
    for plan in survey.plans:
        lines += _kind(plan, survey.authors)
    if survey.problems:
        lines += ["", "**Problems**", "", *(f"- {_one_line(str(p))}" for p in survey.problems)]
    if survey.warnings:
        lines += [
            "",
            "**Warnings**",
            "",
            *(f"- {_one_line(warning)}" for warning in survey.warnings),
        ]
    return "\n".join(lines)


def _kind(plan: Plan, authors: Mapping[str, str]) -> Iterator[str]:
    changes = [change for change in plan.changes if not isinstance(change, Unchanged)]
    if not changes:
        return
    yield from ("", f"<details open><summary>{plan.kind}: {len(changes)}</summary>", "", "```diff")
    for change in changes:
        yield from _change(plan.kind, change)
        if author := author_line(plan.kind, change, authors):
            yield f"#   {_one_line(author)}"
    yield from ("```", "", "</details>")


def _change(kind: str, change: Change) -> Iterator[str]:
    action = action_of(change)
    yield f"{_SIGNS[action]} {action} {change.name}"
    if isinstance(change, Conflict):
        yield f"#   {change.why}"
    for line in change_lines(kind, change, aligned=False):
        yield f"    {_one_line(line)}"


def _one_line(text: str) -> str:
    """Replace characters that would end the block or list item."""
    return text.replace("\n", " ").replace("```", "'''")
