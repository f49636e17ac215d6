"""The entry point, and the one place where errors become messages and exit codes.

0: nothing to do, or done. 1: an error. 2: differences found (`plan --exit-code`).
"""

import contextlib
import difflib
import gc
import json
import os
import re
import sys
from collections.abc import Sequence
from typing import Any, NoReturn, TextIO

from ops.base.distribution import requirement
from ops.base.errors import OpsError
from ops.base.failure import document, wants_json

# What `ops local` alone imports: the extra `local` of pyproject.toml.
_OF_LOCAL = ("aiohttp", "boto3", "cryptography", "moto", "werkzeug")

_BROKEN_PIPE = 141  # what a shell reports for a program that SIGPIPE ended
_INTERRUPTED = 130

# New objects between two collections. At Python's own 700, a plan of 1,000 alarms, which makes
# no garbage to speak of, spends a tenth of its time looking for some.
_COLLECT_AFTER = 100_000


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `ops` and return its exit code. No exception leaves it."""
    gc.set_threshold(_COLLECT_AFTER)
    if not wants_json(list(sys.argv[1:] if arguments is None else arguments)):
        return _guarded(arguments)
    output = _Output(sys.stdout)
    with contextlib.redirect_stdout(output):
        code = _guarded(arguments)
    if code and not output.is_used:
        _print_failure(code)
    return code


class _Output:
    """Standard output that remembers whether a command has printed its document."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self.is_used = False

    def write(self, text: str) -> int:
        """Write to the stream, and record that something was written."""
        self.is_used = self.is_used or bool(text.strip())
        return self._stream.write(text)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  # whatever the stream has
        return getattr(self._stream, name)


_last: list[tuple[str, Exception | None]] = []
"""The message and the exception of the failure of this run."""


def _print_failure(code: int) -> None:
    """Print the document of a failure whose command has printed none."""
    message, error = _last[-1] if _last else ("the reason is on standard error", None)
    sys.stdout.write(json.dumps(document(message, code, error), indent=2) + "\n")


def _guarded(arguments: Sequence[str] | None) -> int:
    _last.clear()
    try:
        return _run(arguments)
    except KeyboardInterrupt:
        return _fail("interrupted", _INTERRUPTED)
    except BrokenPipeError:
        # The reader has gone. Python would complain once more when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _BROKEN_PIPE
    except Exception as error:  # the boundary: whatever it is, the user gets a sentence
        if os.environ.get("OPS_DEBUG"):
            raise
        return _fail(_sentence(error), error=error)


def _run(arguments: Sequence[str] | None) -> int:
    import click  # noqa: PLC0415  # here, so that a missing click is told as a sentence too

    from ops.commands.cli import cli  # noqa: PLC0415

    try:
        # Colour is for terminals, and not for those who set this: https://no-color.org
        colour = False if os.environ.get("NO_COLOR") else None
        code = cli.main(arguments, prog_name="ops", standalone_mode=False, color=colour)
    except click.Abort:
        return _fail("interrupted", _INTERRUPTED)
    except click.ClickException as error:
        hint = _suggestion(error)
        _last.append((f"{error.format_message()} {hint}".rstrip(), None))
        error.show()
        sys.stderr.write(f"{hint}\n" if hint else "")
        return 1  # not click's 2, which here means differences
    return code if isinstance(code, int) else 0


def _suggestion(error: Any) -> str:  # noqa: ANN401  # click's, which is imported late
    """Return a hint for a mistyped command; click has its own hint for options."""
    context = getattr(error, "ctx", None)
    unknown = re.search(r"No such command '([^']+)'", error.message)
    if unknown is None or context is None or "Did you mean" in error.format_message():
        return ""
    near = difflib.get_close_matches(unknown[1], context.command.list_commands(context), n=1)
    return f"Did you mean '{near[0]}'?" if near else ""


def _sentence(error: Exception) -> str:
    if isinstance(error, ModuleNotFoundError) and not (error.name or "ops").startswith("ops"):
        extra = "local" if (error.name or "").split(".")[0] in _OF_LOCAL else "ops"
        return f"the module {error.name} is missing: run `pip install '{requirement(extra)}'`"
    if isinstance(error, OpsError):
        return str(error)
    if "botocore" in sys.modules:
        from ops.aws.client import AwsError, explain  # noqa: PLC0415  # loaded only after AWS was called

        if isinstance(error, AwsError):
            return str(explain(error))
    kind = type(error).__name__
    return f"this is a bug in ops ({kind}: {error}). Run it again with OPS_DEBUG=1 and report it."


def _fail(message: str, code: int = 1, error: Exception | None = None) -> int:
    _last.append((message, error))
    sys.stderr.write(f"error: {message}\n")
    return code


def run() -> NoReturn:
    """Run `ops` as a program, and exit without Python's clean-up.

    After moto, the clean-up takes over five seconds, in which Ctrl-C would show a traceback.
    """
    code = main()
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except BrokenPipeError:
        code = _BROKEN_PIPE
    os._exit(code)


if __name__ == "__main__":
    run()
