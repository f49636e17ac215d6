"""The refreshing screen of `--watch`."""

import shutil
from collections.abc import Callable
from contextlib import suppress

import click

from ops.aws.client import AwsError, explain
from ops.base.errors import OpsError
from ops.base.words import number

_HOME, _REST_OF_LINE, _REST_OF_SCREEN = "\x1b[H", "\x1b[K", "\x1b[J"


def watch(draw: Callable[[], str], wait: Callable[[], None]) -> None:
    """Draw, wait, and redraw until Ctrl-C. A round that fails shows its error; the next one tries
    again.

    Lines are overwritten instead of erased first, so that nothing flickers.
    """
    click.clear()
    with suppress(KeyboardInterrupt):
        while True:
            try:
                text = draw()
            except (OpsError, *AwsError) as error:
                text = click.style(f"error: {explain(error)}", fg="red")
            click.echo(frame(text, shutil.get_terminal_size().lines), nl=False)
            wait()
    click.echo()


def frame(text: str, height: int) -> str:
    """Return the text that redraws the screen; lines that do not fit are counted instead."""
    lines = text.splitlines()
    room = max(height - 1, 1)
    if len(lines) > room:
        hidden = len(lines) - room + 1
        lines = [*lines[: room - 1], f"… {number(hidden, 'more line')}"]
    return _HOME + "".join(f"{line}{_REST_OF_LINE}\n" for line in lines) + _REST_OF_SCREEN
