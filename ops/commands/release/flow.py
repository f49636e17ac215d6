"""The steps of `ops release` and `ops release rollback`: plan, show, ask, check, carry out."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NoReturn

import click

from ops.aws.client import Aws, AwsError
from ops.base import clock
from ops.base.errors import OpsError
from ops.base.interrupts import Request, listening
from ops.check.output.text import as_text as findings_as_text
from ops.commands.check import live_report
from ops.commands.options import Options
from ops.commands.terminal import ask, tell_warning
from ops.copilot.workspace import load_workspace
from ops.plan.output.text import as_json
from ops.release.aws.alarms import Alarms
from ops.release.decisions.model import Image, Plan
from ops.release.decisions.record import Record, State
from ops.release.decisions.takeover import Beginning, Continue, FinishWayBack
from ops.release.preparation import Hands, Preparation, is_continued, prepare
from ops.release.render import (
    plan_as_data,
    plan_as_markdown,
    plan_as_text,
    record_as_data,
    record_as_text,
)
from ops.release.steps import preflight
from ops.release.steps.building import build_and_push, tag_of_commit
from ops.release.steps.conductor import Choice, LeftError, Settings

if TYPE_CHECKING:
    from ops.plan.model import Json

_INTERRUPTED = 130
_ANSWERS: Mapping[str, Choice] = {"w": "wait", "b": "back", "l": "leave"}


@dataclass(frozen=True)
class Wishes:
    """The options of a call of `ops release`."""

    tag: str | None = None
    digest: str | None = None
    redeploy: bool = False
    no_check: bool = False
    ignore_alarms: bool = False
    no_rollback: bool = False
    dry_run: bool = False
    yes: bool = False


def release(options: Options, wishes: Wishes) -> None:
    """Release a tag, or this commit."""
    prepared, start = _begin(options, wishes)
    tag = wishes.tag or tag_of_commit(prepared.workspace.root)
    # Without --tag, the image may yet have to be built.
    image = prepared.images.require(tag) if wishes.tag else prepared.images.find(tag)
    _check_digest(image, wishes)
    plan = prepared.plan(image or Image(tag, ""), redeploy=wishes.redeploy)
    _confirm(prepared, plan, start, options, wishes)
    if image is None:
        build_and_push(prepared.workspace, prepared.environment, prepared.aws, prepared.repository)
        plan = prepared.plan(prepared.images.require(tag), redeploy=wishes.redeploy)
    _preflight(prepared, plan, options, wishes)
    _carry_out(prepared, plan, start, options, wishes)


def rollback(options: Options, wishes: Wishes) -> None:
    """Go back to a tag, or to what ran before the last release."""
    prepared, start = _begin(options, wishes)
    if wishes.tag:
        plan = prepared.plan(prepared.images.require(wishes.tag), is_rollback=True)
    else:
        plan = prepared.plan_back()
    _confirm(prepared, plan, start, options, wishes)
    _preflight(prepared, plan, options, wishes)
    _carry_out(prepared, plan, start, options, replace(wishes, no_rollback=True))


def _check_digest(image: Image | None, wishes: Wishes) -> None:
    """Raise OpsError if the tag does not name the image that --digest promises."""
    if not wishes.digest:
        return
    if image is None or not wishes.tag:
        raise OpsError(
            "--digest promises an image that exists, and this release has no --tag",
            "Pass the image's --tag, too.",
        )
    if wishes.digest not in image.digests:
        raise OpsError(
            f"The tag {image.tag} names {image.digest}, not {wishes.digest}: it was moved, or the "
            "image was built twice",
            "Find out which image was tested. `ops images list` shows when each was pushed.",
        )


def _begin(options: Options, wishes: Wishes) -> tuple[Preparation, Beginning]:
    """Read the files and the last release. Finish its way back first if it was interrupted."""
    workspace = load_workspace(options.workspace, options.application)
    aws = Aws(options.profile, options.region)
    prepared = prepare(workspace, options.environment, aws)
    start = prepared.begin()
    match start:
        case Continue(dead):
            _tell(f"Release {dead.number} of {dead.tag}, by {dead.by}, {_death(dead)}.")
        case FinishWayBack(dead):
            _tell(f"Release {dead.number} of {dead.tag}, by {dead.by}, {_death(dead)}.")
            _tell("Its way back is finished first.")
            plan = prepared.plan_back()
            if wishes.dry_run:
                _show(plan, prepared, options)
                raise click.exceptions.Exit(1)
            _carry_out(prepared, plan, start, options, wishes)
    return prepared, start


def _death(dead: Record) -> str:
    how = "was left" if dead.is_left else "died"
    return f"{how} while {dead.state.value}{f' ({dead.step})' if dead.step else ''}"


def _confirm(
    prepared: Preparation, plan: Plan, start: Beginning, options: Options, wishes: Wishes
) -> None:
    """Show the plan and ask. Exit if there is nothing to do, or if it was a dry run."""
    ends = wishes.dry_run or (not plan.changes and not is_continued(start, plan))
    if not options.is_json or ends:
        _show(plan, prepared, options)
    for warning in plan.warnings:
        tell_warning(warning)
    if ends:
        raise click.exceptions.Exit(0)
    if not wishes.yes:
        ask(f"Release {plan.tag} to {plan.environment}?")


def _show(plan: Plan, prepared: Preparation, options: Options) -> None:
    match options.output:
        case "json":
            click.echo(as_json(plan_as_data(plan)))
        case "markdown":
            click.echo(plan_as_markdown(plan, prepared.settings, clock.now()))
        case _:
            click.echo(plan_as_text(plan, prepared.settings, clock.now()))


def _preflight(prepared: Preparation, plan: Plan, options: Options, wishes: Wishes) -> None:
    """Raise OpsError for what would break the release, before anything is written.

    A way back is taken because something is wrong, so alarms and findings only warn of it.
    """
    preflight.check_stacks(prepared.aws, plan)
    for tag in preflight.check_platforms(prepared.images, prepared.workspace, plan):
        _tell(f"  the platform of {tag} is not checked: ECR has no configuration of it")
    checks = [] if wishes.ignore_alarms else [_check_alarms]
    checks += [] if wishes.no_check else [_check_workspace]
    for check in checks:
        try:
            check(prepared, plan, options)
        except OpsError as error:
            if not plan.is_rollback:
                raise
            tell_warning(error.what)


def _check_alarms(prepared: Preparation, plan: Plan, options: Options) -> None:  # noqa: ARG001
    alarms = Alarms(prepared.aws, plan.application, plan.environment)
    preflight.check_alarms(prepared.live, alarms, plan)


def _check_workspace(prepared: Preparation, plan: Plan, options: Options) -> None:
    # The rules read `${…}` from the environment, as the Copilot CLI does.
    os.environ.update(prepared.values(plan.tag))
    report = live_report(replace(options, environment=prepared.environment))
    if report.fails(strict=True):
        click.echo(findings_as_text(report), err=True)
        raise OpsError(
            "`ops check --live --strict` has findings",
            "Nothing was released. Fix them, or pass --no-check.",
        )
    _tell("✔ ops check --live --strict")


def _carry_out(
    prepared: Preparation, plan: Plan, start: Beginning, options: Options, wishes: Wishes
) -> NoReturn:
    """Release, print the outcome, and exit."""
    settings = Settings(
        prepared.settings.deadline,
        prepared.settings.bake,
        rolls_back=not wishes.no_rollback,
        force=wishes.redeploy,
    )
    record = prepared.record(plan, start)
    _tell(f"Release {record.number}: {record.tag}, by {record.by}")
    with prepared.aws.writing(), prepared.open_files, listening() as request:
        hands = Hands(_tell, _Question(request))
        conductor = prepared.conductor(record, settings, hands)
        with prepared.journal.beating(conductor.current):
            try:
                ended = conductor.run()
            except (LeftError, KeyboardInterrupt, click.Abort):
                conductor.leave()
                _tell(_how_to_go_on(prepared.environment, record))
                raise click.exceptions.Exit(_INTERRUPTED) from None
            except AwsError:
                _tell(_how_to_go_on(prepared.environment, record))
                raise
        prepared.journal.prune()
    _print(plan, ended, options)
    raise click.exceptions.Exit(int(ended.state is not State.RELEASED or bool(ended.reason)))


def _print(plan: Plan, ended: Record, options: Options) -> None:
    if options.is_json:
        data: dict[str, Json] = {**plan_as_data(plan), "release": record_as_data(ended)}
        click.echo(as_json(data))
    else:
        click.echo(record_as_text(ended, clock.now()))


def _how_to_go_on(environment: str, record: Record) -> str:
    return (
        f"Release {record.number} is left as it is; what is being deployed goes on in AWS.\n"
        f"`ops release --env {environment} --tag {record.tag}` continues it, "
        f"`ops release rollback --env {environment}` goes back."
    )


class _Question:
    """The question after Ctrl-C. A cancelled pipeline cannot answer, so its release stops."""

    def __init__(self, request: Request) -> None:
        self._request = request

    def __call__(self) -> Choice | None:
        if not self._request():
            return None
        if not sys.stdin.isatty():
            return "leave"
        answer = click.prompt(
            "Go on [w]aiting, go [b]ack to what ran before, or [l]eave it as it is?",
            type=click.Choice(list(_ANSWERS)),
            default="w",
            err=True,
        )
        self._request.clear()
        return _ANSWERS[answer]


def _tell(line: str) -> None:
    click.echo(line, err=True)
