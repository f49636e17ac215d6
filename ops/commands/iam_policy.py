"""`ops iam-policy`: what a role needs for some of the commands."""

import click

from ops.permissions import GROUPS, policy
from ops.render import as_json


@click.command("iam-policy", help="Print the IAM policy that a group of commands needs.")
@click.option("--for", "group", type=click.Choice(list(GROUPS)), default="sync", show_default=True)
def iam_policy(group: str) -> None:
    """The policy document, as JSON."""
    click.echo(as_json(policy(group)))
