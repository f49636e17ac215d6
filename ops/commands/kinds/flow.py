"""The steps that all commands of kinds share: survey, show, ask, apply, report."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import click

from ops.aws.client import Aws
from ops.base.interrupts import listening
from ops.base.kinds import Kind
from ops.commands.options import Options
from ops.commands.terminal import ask, progress, tell_error, tell_warning
from ops.copilot.workspace import load_workspace
from ops.plan.apply import apply
from ops.plan.output.markdown import plan_as_markdown
from ops.plan.output.text import (
    as_json,
    plan_as_data,
    plan_as_text,
    results_as_data,
    results_as_text,
)
from ops.plan.remote import Remote
from ops.plan.report import Survey
from ops.plan.survey.declarations import read_declarations
from ops.plan.survey.survey import survey


@dataclass(frozen=True)
class Surveyed:
    """A survey, and the objects that apply it."""

    survey: Survey
    remotes: dict[str, Remote]
    aws: Aws

    @property
    def writes(self) -> int:
        """Return how many resources would be written."""
        return sum(len(plan.writes) for plan in self.survey.plans)


def surveyed(
    options: Options,
    kinds: Sequence[Kind],
    *,
    prune: bool,
    unmentioned: bool = False,
    declared: bool = True,
) -> Surveyed:
    """Read the workspace and AWS. Without `declared`, ignore all declarations.

    The other arguments are the same as in `survey`.
    """
    workspace = load_workspace(options.workspace, options.application)
    declarations = read_declarations(workspace, kinds, options.environment)
    if not declared:
        declarations = replace(declarations, sections={kind.name: {} for kind in kinds})
    aws = Aws(options.profile, options.region)
    result = survey(declarations, aws, prune=prune, unmentioned=unmentioned)
    return Surveyed(*result, aws)


def show(plan: Survey, options: Options) -> None:
    """Print a plan."""
    match options.output:
        case "json":
            click.echo(as_json(plan_as_data(plan)))
        case "markdown":
            click.echo(plan_as_markdown(plan))
        case _:
            click.echo(plan_as_text(plan))


def carry_out(result: Surveyed, options: Options, *, yes: bool) -> None:
    """Show the plan and its warnings, ask, apply it, report, and exit."""
    asks = result.writes > 0 and not yes
    if not options.is_json:
        show(result.survey, options)
    elif asks:  # JSON is printed with the results; show the plan before the question
        click.echo(plan_as_text(result.survey), err=True)
    tell(result.survey)
    if asks:
        ask(f"Apply {result.writes} changes?" if result.writes > 1 else "Apply this change?")
    with (
        result.aws.writing(),
        progress("writing", result.writes) as advance,
        listening() as is_stopped,
    ):
        results = apply(result.survey.plans, result.remotes, lambda _: advance(1), is_stopped)
    if options.is_json:
        data = {**plan_as_data(result.survey), "results": results_as_data(results)}
        click.echo(as_json(data))
    elif results:
        click.echo(results_as_text(results))
    failed = any(result.error for result in results)
    leave(result.survey, code=int(failed or any(plan.conflicts for plan in result.survey.plans)))


def end(plan: Survey, *, code: int) -> None:
    """Print warnings and problems, and exit."""
    tell(plan)
    leave(plan, code=code)


def tell(plan: Survey) -> None:
    """Print warnings and problems on stderr."""
    for warning in plan.warnings:
        tell_warning(warning)
    for problem in plan.problems:
        tell_error(problem)


def leave(plan: Survey, *, code: int) -> None:
    """Exit with the code, or with 1 if something could not be planned."""
    raise click.exceptions.Exit(1 if plan.problems else code)
