"""`ops schema`: the JSON Schema with which an editor completes and checks an `ops.yml`."""

import click

from ops.plan.output.text import as_json
from ops.reference.schema import FILES, schema


@click.command("schema", help="Print the JSON Schema of copilot/ops.yml or of a service's ops.yml.")
@click.option(
    "--kind",
    "file",
    type=click.Choice(list(FILES)),
    default="service",
    show_default=True,
    help="The application's file is copilot/ops.yml.",
)
def schema_command(file: str) -> None:
    """Print the schema, draft 2020-12."""
    click.echo(as_json(schema(file)))
