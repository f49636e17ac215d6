"""Functions that the on-call commands share: finding services, and reporting problems."""

from collections.abc import Iterable, Sequence

import click

from ops.aws.client import Aws
from ops.base.errors import OpsError
from ops.commands.options import Options
from ops.commands.terminal import tell_error
from ops.copilot.deployed import Deployed
from ops.copilot.services import read_requested


def deployed(options: Options, names: Sequence[str] = (), *, in_batches: bool = False) -> Deployed:
    """Return the services of a command: read the files first, then AWS."""
    requested = read_requested(options.workspace, options.application, options.environment, names)
    return requested.deployed(Aws(options.profile, options.region), in_batches=in_batches)


def tell(problems: Iterable[OpsError]) -> None:
    """Print problems on stderr, and exit with 1 if there are any."""
    sentences = {str(problem) for problem in problems}
    for problem in sorted(sentences):
        tell_error(problem)
    if sentences:
        raise click.exceptions.Exit(1)
