"""`ops doctor`: checks of what the other commands need."""

import click

from ops.commands.options import Options, shared_options
from ops.oncall.doctor.check import as_data, as_text, fails
from ops.oncall.doctor.examine import examine
from ops.plan.output.text import as_json


@click.command("doctor", help="Check the sign-in, the clock, the tools and the workspace.")
@shared_options
def doctor(options: Options) -> None:
    """Print one line for each check; exit with 1 if something needed is missing."""
    checks = examine(
        options.workspace,
        options.application,
        options.environment,
        options.profile,
        options.region,
    )
    click.echo(as_json(as_data(checks)) if options.is_json else as_text(checks))
    raise click.exceptions.Exit(1 if fails(checks) else 0)
