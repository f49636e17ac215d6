"""What any command shows on stderr, beside its output: errors, and how far it has come."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

from ops.base.errors import OpsError

_WORTH_A_BAR = 20  # writes or messages; fewer are done before one has read it


def tell_error(problem: OpsError | str) -> None:
    """Say what is wrong, and go on."""
    click.secho(f"error: {problem}", fg="red", err=True)


def tell_warning(doubt: str) -> None:
    """Say what is doubtful, and go on."""
    click.secho(f"warning: {doubt}", fg="yellow", err=True)


def ask(question: str) -> None:
    """Ask on a terminal. Raises OpsError for anything but yes, and where stdin is no terminal."""
    if not sys.stdin.isatty():
        raise OpsError(
            "Nothing was changed: this asks before it writes, and here is nobody to ask",
            "Add --yes, or set OPS_YES=1.",
        )
    if not click.confirm(question, err=True):
        raise OpsError("Nothing was changed")


@contextmanager
def progress(label: str, count: int) -> Iterator[Callable[[int], None]]:
    """A bar where it takes a while and somebody watches; moved on by how many more are done."""
    if count < _WORTH_A_BAR or not sys.stderr.isatty():
        yield lambda _: None
        return
    with click.progressbar(length=count, label=f"  {label}", file=sys.stderr) as bar:
        yield bar.update
