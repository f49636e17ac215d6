"""`ops why SERVICE`: the reasons for a service's task count."""

import click

from ops.base import clock
from ops.commands.completion import services as services_of
from ops.commands.oncall.common import deployed, tell
from ops.commands.options import Options, shared_options
from ops.oncall.status.last_release import release_reasons
from ops.oncall.status.reasons import reasons
from ops.oncall.status.remote import Reader
from ops.oncall.status.screen import as_data, reasons_as_text
from ops.plan.output.text import as_json


@click.command("why", help="Explain why a service has its current number of tasks.")
@click.argument("service", shell_complete=services_of)
@shared_options
def why(options: Options, *, service: str) -> None:
    """Read one service, and what `ops why` needs in addition."""
    snapshot = Reader(deployed(options, [service]), thorough=True).read(clock.now())
    explanations = [
        [*reasons(state, snapshot.taken), *release_reasons(service, snapshot)]
        for state in snapshot.services
    ]
    explanations += [[other.description] for other in snapshot.others]
    if options.is_json:
        click.echo(
            as_json(
                {
                    **as_data(snapshot),
                    "reasons": [sentence for sentences in explanations for sentence in sentences],
                }
            )
        )
    for sentences in () if options.is_json else explanations:
        click.echo(reasons_as_text(service, sentences))
    tell(snapshot.unread)
