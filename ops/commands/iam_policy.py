"""`ops iam-policy`: the permissions that a role needs for some commands."""

import click

from ops.plan.output.text import as_json
from ops.plan.permissions import GROUPS, policy


@click.command("iam-policy", help="Print the IAM policy that a group of commands needs.")
@click.option("--for", "group", type=click.Choice(list(GROUPS)), default="sync", show_default=True)
@click.option("-a", "--app", help="Limit writes to resources whose names begin with this prefix.")
@click.option(
    "--cross-account",
    is_flag=True,
    help="Also allow assuming Copilot's roles in other accounts, which can deploy there.",
)
def iam_policy(group: str, app: str | None, *, cross_account: bool) -> None:
    """Print the policy document as JSON."""
    click.echo(as_json(policy(group, app, cross_account=cross_account)))
