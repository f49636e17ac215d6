"""What the on-call commands share: finding the services, and ending with what failed."""

from collections.abc import Iterable, Sequence

import click

from ops.aws.client import Aws
from ops.base.errors import OpsError
from ops.commands.options import Options
from ops.commands.terminal import tell_error
from ops.copilot.deployed import Deployed
from ops.copilot.services import read_wanted


def deployed(options: Options, names: Sequence[str] = (), *, in_batches: bool = False) -> Deployed:
    """The services that a command is about: files first, then AWS."""
    wanted = read_wanted(options.workspace, options.application, options.environment, names)
    return wanted.deployed(Aws(options.profile, options.region), in_batches=in_batches)


def tell(problems: Iterable[OpsError]) -> None:
    """Tell problems on stderr and, where there are any, leave with 1."""
    told = {str(problem) for problem in problems}
    for problem in sorted(told):
        tell_error(problem)
    if told:
        raise click.exceptions.Exit(1)
