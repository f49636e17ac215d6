"""`ops schema`: the JSON Schema with which an editor completes and checks an `ops.yml`."""

import click

from ops.base.failure import SCHEMA
from ops.plan.output.text import as_json
from ops.reference.schema import FILES, schema


@click.command(
    "schema", help="Print the JSON Schema of an ops.yml, or of a failure under --output json."
)
@click.option(
    "--kind",
    "file",
    type=click.Choice([*FILES, "failure"]),
    default="service",
    show_default=True,
    help="The application's file is copilot/ops.yml.",
)
def schema_command(file: str) -> None:
    """Print the schema, draft 2020-12."""
    click.echo(as_json(SCHEMA if file == "failure" else schema(file)))
