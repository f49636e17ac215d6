"""`ops check`: problems in the files, found before a deployment."""

import sys
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import click

from ops.base.errors import OpsError
from ops.check.files.reading import read_subject
from ops.check.fixes.changes import changes, write
from ops.check.output.sarif import as_sarif
from ops.check.output.text import as_data, as_github, as_text
from ops.check.registry import rules
from ops.check.run import Report
from ops.check.run import check as run_check
from ops.check.subject.model import Subject
from ops.commands.options import Options, options_with
from ops.commands.terminal import ask, tell_warning
from ops.plan.output.text import as_json

_FORMATS = ("text", "json", "sarif", "github")


@click.command("check", help="Find problems before a deployment does. With --live, also ask AWS.")
@click.option(
    "--live", is_flag=True, help="Also check secrets, images, queues, stacks and alarms in AWS."
)
@click.option(
    "--package",
    is_flag=True,
    help="Also package everything with the Copilot CLI on an embedded AWS (needs `[local]`).",
)
@click.option("--strict", is_flag=True, help="Also exit with 1 if there are only warnings.")
@click.option(
    "--fix", is_flag=True, help="Fix the findings that have exactly one fix, after confirmation."
)
@click.option(
    "--yes", is_flag=True, envvar="OPS_YES", help="With --fix: do not ask for confirmation."
)
@options_with(*_FORMATS)
def check(  # one for each option
    options: Options, *, live: bool, package: bool, strict: bool, fix: bool, yes: bool
) -> None:
    """Run every rule, show all findings, and exit with 1 if there are errors."""
    subject = _subject(options, live=live, package=package)
    report = run_check(subject)
    if fix and _fix(subject.root, report, yes=yes):
        subject = _subject(options, live=live, package=package)
        report = run_check(subject)
    _show(report, options.output, _base(subject.root))
    raise click.exceptions.Exit(int(report.fails(strict=strict)))


def live_report(options: Options) -> Report:
    """Return the findings of `ops check --live`."""
    return run_check(_subject(options, live=True, package=False))


def _subject(options: Options, *, live: bool, package: bool) -> Subject:
    subject = read_subject(options.workspace, options.application, options.environment)
    if live:
        subject = _with_live(subject, options)
    if package:
        subject = _with_packages(subject)
    if live:
        return subject
    if subject.only and (doubt := subject.workspace.unheard_of(subject.only)):
        tell_warning(doubt)
    return subject


def _fix(root: Path, report: Report, *, yes: bool) -> bool:
    """Show the changes on stderr, ask, and write them. Return whether any file changed."""
    planned = list(changes(root, report.findings))
    for change in planned:
        click.echo(change.diff(), err=True)
    if not planned:
        click.echo("Nothing to fix: no finding has exactly one fix.", err=True)
        return False
    if not yes:
        files = f"{len(planned)} file{'' if len(planned) == 1 else 's'}"
        ask(f"Write {files}?")
    for change in planned:
        write(root, change)
    return True


def _with_packages(subject: Subject) -> Subject:
    """Add the Copilot CLI's refusals to the subject. moto is loaded here, for --package alone."""
    _require_application(subject, "--package")
    packages = import_module("ops.check.packaging.packages")
    if sys.stderr.isatty():
        click.echo("Packaging with the Copilot CLI on an embedded AWS …", err=True)
    packaged = packages.package_all(subject)
    for line in packages.not_packaged(packaged):
        tell_warning(line)
    return replace(subject, packaged=packaged)


def _require_application(subject: Subject, option: str) -> None:
    if not subject.workspace.application:
        raise OpsError(
            f"{Path('copilot/.workspace')} names no application, which {option} needs",
            "Pass it with --app.",
        )


def _with_live(subject: Subject, options: Options) -> Subject:
    """Add what AWS has to the subject. botocore is loaded here, not by a check without --live."""
    _require_application(subject, "--live")
    environment = subject.workspace.require_environment(options.environment)
    subject = replace(subject, only=environment)
    aws = import_module("ops.aws.client").Aws(options.profile, options.region)
    live = import_module("ops.check.aws.remote").read_live(aws, subject, environment)
    if not any(live.stacks.values()) and not live.refused:
        import_module("ops.copilot.environments").confirm(aws, subject.workspace, environment)
    return replace(subject, live=live)


def _base(root: Path) -> Path:
    """Return the workspace's path relative to the current directory, which a pipeline's checkout
    is.
    """
    here = Path.cwd().resolve()
    return root.relative_to(here) if root.is_relative_to(here) else Path()


def _show(report: Report, output: str, base: Path) -> None:
    match output:
        case "json":
            click.echo(as_json(as_data(report)))
        case "sarif":
            click.echo(as_json(as_sarif(report, rules(), base)))
        case "github" if report.findings:
            click.echo(as_github(report, base))
        case "text":
            click.echo(as_text(report))
