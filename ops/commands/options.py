"""The options that every command shares, and their values."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any

import click

from ops.commands.completion import environments


@dataclass(frozen=True)
class Options:
    """The values of the shared options."""

    environment: str | None
    output: str
    application: str | None
    workspace: Path | None
    profile: str | None
    region: str | None

    @property
    def is_json(self) -> bool:
        """Return whether the output is for a program."""
        return self.output == "json"


workspace_option = click.option(
    "--workspace",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The directory that contains `copilot/` (default: this one or a parent).",
)


yes_option = click.option(
    "--yes", is_flag=True, envvar="OPS_YES", help="Do not ask for confirmation."
)


def _options(
    outputs: Sequence[str],
) -> tuple[Callable[[Callable[..., Any]], Callable[..., Any]], ...]:
    return (
        click.option(
            "-e",
            "--env",
            "environment",
            envvar="OPS_ENV",
            show_envvar=True,
            shell_complete=environments,
            help="The environment, such as prod.",
        ),
        click.option(
            "--output",
            type=click.Choice(outputs),
            default="text",
            show_default=True,
            help="The output format.",
        ),
        click.option(
            "-a", "--app", "application", help="The application (default: the workspace's)."
        ),
        workspace_option,
        click.option("--profile", help="The AWS profile."),
        click.option("--region", help="The AWS region."),
    )


def options_with(*outputs: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Add the shared options to a command, with these choices of `--output`.

    The command receives them as one `Options`.
    """

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(command)
        def with_options(**parameters: Any) -> Any:  # noqa: ANN401  # whatever click parsed
            names = Options.__dataclass_fields__
            options = Options(**{name: parameters.pop(name) for name in names})
            return command(options, **parameters)

        for option in reversed(_options(outputs)):
            with_options = option(with_options)
        return with_options

    return decorate


shared_options = options_with("text", "json")
