"""What the on-call commands share: finding the services, and ending with what failed."""

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager

import click

from ops.aws import Aws
from ops.commands.options import Options
from ops.deployed import Deployed, read_wanted
from ops.errors import OpsError

_WORTH_A_BAR = 20  # messages; fewer are done before one has read it


def deployed(options: Options, names: Sequence[str] = ()) -> Deployed:
    """The services that a command is about: files first, then AWS."""
    wanted = read_wanted(options.workspace, options.application, options.environment, names)
    return wanted.deployed(Aws(options.profile, options.region))


def tell(problems: Iterable[OpsError]) -> None:
    """Tell problems on stderr and, where there are any, leave with 1."""
    told = {str(problem) for problem in problems}
    for problem in sorted(told):
        click.secho(f"error: {problem}", fg="red", err=True)
    if told:
        raise click.exceptions.Exit(1)


@contextmanager
def progress(label: str, count: int) -> Iterator[Callable[[int], None]]:
    """A bar on stderr where it takes a while and somebody watches."""
    if count < _WORTH_A_BAR or not sys.stderr.isatty():
        yield lambda _: None
        return
    with click.progressbar(length=count, label=f"  {label}", file=sys.stderr) as bar:
        yield bar.update
