"""Output on stderr that all commands share: errors, warnings, questions, progress."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

from ops.base.errors import OpsError

_WORTH_A_BAR = 20  # writes or messages; fewer are done before one has read it


def tell_error(problem: OpsError | str) -> None:
    """Print an error, and continue."""
    click.secho(f"error: {problem}", fg="red", err=True)


def tell_warning(doubt: str) -> None:
    """Print a warning, and continue."""
    click.secho(f"warning: {doubt}", fg="yellow", err=True)


def ask(question: str) -> None:
    """Ask for confirmation. Raise OpsError if the answer is not yes or stdin is not a terminal."""
    if not sys.stdin.isatty():
        raise OpsError(
            "Nothing was changed: stdin is not a terminal, so ops cannot ask for confirmation",
            "Pass --yes, or set OPS_YES=1.",
        )
    if not click.confirm(question, err=True):
        raise OpsError("Nothing was changed")


@contextmanager
def progress(label: str, count: int) -> Iterator[Callable[[int], None]]:
    """Show a progress bar on a terminal if it takes a while; it advances by the number of finished
    items.
    """
    if count < _WORTH_A_BAR or not sys.stderr.isatty():
        yield lambda _: None
        return
    with click.progressbar(length=count, label=f"  {label}", file=sys.stderr) as bar:
        yield bar.update
