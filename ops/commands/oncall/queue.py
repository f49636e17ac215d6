"""`ops queue`: the messages of a queue, its dead letters, and their redrive."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import click

from ops.base import clock
from ops.base.words import number
from ops.commands.completion import services as services_of
from ops.commands.oncall.common import tell
from ops.commands.oncall.queue_flow import (
    QueueContext,
    ask_before_peek,
    ask_before_purge,
    dead_letters_looked_at,
    end,
    find_queue,
    report,
    states,
)
from ops.commands.options import Options, shared_options, yes_option
from ops.commands.terminal import ask, progress
from ops.oncall.queue.groups import grouped
from ops.oncall.queue.holding import looked_at
from ops.oncall.queue.lines import (
    group_as_data,
    groups_as_text,
    message_as_data,
    messages_as_text,
    planned_as_text,
    state_as_data,
    state_as_text,
)
from ops.oncall.queue.redrive import Outcome, Plan
from ops.oncall.queue.redrive import redrive as send_back
from ops.plan.output.text import as_json

if TYPE_CHECKING:
    from collections.abc import Callable

    from ops.plan.model import Json

_service = click.argument("service", required=False, shell_complete=services_of)
_queue = click.option(
    "--queue", "name", help="The queue's name (default: the service's own queue)."
)
_task = click.option("--task", help="Only messages of this Celery task, by its full name.")


def _most(default: int, what: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    return click.option(
        "--limit", "most", type=click.IntRange(min=1), default=default, show_default=True, help=what
    )


@click.group(help="Show, peek into, redrive and purge the queues that services consume.")
def queue() -> None:
    """Define the command group."""


@queue.command("show")
@_service
@_queue
@shared_options
def show(options: Options, *, service: str | None, name: str | None) -> None:
    """Show how many messages a queue has, and its settings; without a name, all queues."""
    queues, problems = states(options, service, name)
    if options.is_json:
        data: Json = [state_as_data(state) for state in queues]
        click.echo(as_json({"queues": data, "problems": [str(problem) for problem in problems]}))
    else:
        click.echo("\n\n".join(map(state_as_text, queues)))
    tell(problems)


@queue.command("peek")
@_service
@_queue
@click.option("--dead-letters", is_flag=True, help="Show the dead-letter queue instead.")
@_most(10, "How many messages to show.")
@yes_option
@shared_options
def peek(
    options: Options,
    *,
    service: str | None,
    name: str | None,
    dead_letters: bool,
    most: int,
    yes: bool,
) -> None:
    """Show messages and leave them in the queue. Each counts as delivered once more."""
    context = find_queue(options, service, name)
    state = context.dead_state() if dead_letters else context.state
    ask_before_peek(state, yes=yes)
    with context.aws.writing(), looked_at(context.queues, state.name, most) as messages:
        now = clock.now()
        text = messages_as_text(messages, state, now)
        data: Json = {
            "queue": state.name,
            "messages": [message_as_data(message) for message in messages],
            "unseen": max(0, state.messages - len(messages)),
        }
    click.echo(as_json(data) if options.is_json else text)


@queue.command("dlq")
@_service
@_queue
@_most(1000, "How many dead letters to read.")
@shared_options
def dlq(options: Options, *, service: str | None, name: str | None, most: int) -> None:
    """Show dead letters by task and exception; exceptions come from the services' logs."""
    context = find_queue(options, service, name)
    messages, exceptions, problems = dead_letters_looked_at(context, most)
    groups = grouped(messages, exceptions)
    if options.is_json:
        data: Json = [group_as_data(group) for group in groups]
        unseen = max(0, context.dead_count - len(messages))
        sentences = [str(problem) for problem in problems]
        content: dict[str, Json] = {"groups": data, "unseen": unseen, "problems": sentences}
        click.echo(as_json({"queue": context.dead_letters, **content}))
    else:
        click.echo(groups_as_text(context.dead_letters, groups, context.dead_count, clock.now()))
    tell(problems)


@queue.command("redrive")
@_service
@_queue
@_task
@_most(100_000, "How many messages to send back.")
@click.option(
    "--rate",
    type=click.FloatRange(min=0.1),
    default=10.0,
    show_default=True,
    help="Messages per second.",
)
@click.option("--dry-run", is_flag=True, help="Only show what would be sent back.")
@yes_option
@shared_options
def redrive(
    options: Options,
    *,
    service: str | None,
    name: str | None,
    dry_run: bool,
    yes: bool,
    **how: object,
) -> None:
    """Send dead letters back to their queue. None is lost; an interruption may duplicate some."""
    context = find_queue(options, service, name)
    plan = Plan(context.dead_letters, context.state.name, among=context.dead_count, **how)  # type: ignore[arg-type]  # most, rate, task
    if dry_run:
        _show_plan(context, plan, options)
        return
    if not yes:
        ask(_question(context, plan))
    outcome = Outcome()
    try:
        with context.aws.writing(), progress("sending back", context.dead_count) as advance:
            send_back(plan, context.queues, outcome, time.sleep, advance)
    finally:
        report(outcome, plan, as_data=options.is_json)
    end(outcome, plan)


def _question(context: QueueContext, plan: Plan) -> str:
    what = f"those of {plan.task} among the" if plan.task else "the"
    messages = number(context.dead_count, "message")
    return (
        f"Send {what} {messages} of {plan.dead_letters} back to {plan.queue}, "
        f"{plan.rate:g} a second? Their delivery count starts again, and a task that is running "
        "may run twice."
    )


def _show_plan(context: QueueContext, plan: Plan, options: Options) -> None:
    with context.aws.writing(), looked_at(context.queues, plan.dead_letters, plan.most) as messages:
        groups = grouped(plan.chosen(messages, set()), {})
    data: Json = {
        "queue": plan.queue,
        "would_send": [group_as_data(group) for group in groups],
        "unseen": max(0, plan.among - len(messages)),
    }
    text = planned_as_text(plan, groups, len(messages))
    click.echo(as_json(data) if options.is_json else text)


@queue.command("purge")
@_service
@_queue
@click.option("--dead-letters", is_flag=True, help="Purge the dead-letter queue instead.")
@click.option(
    "--yes-purge",
    metavar="NAME",
    help="Do not ask for confirmation; pass the name of the queue to purge.",
)
@shared_options
def purge(
    options: Options,
    *,
    service: str | None,
    name: str | None,
    dead_letters: bool,
    yes_purge: str | None,
) -> None:
    """Delete every message of a queue. They cannot be restored."""
    context = find_queue(options, service, name)
    state = context.dead_state() if dead_letters else context.state
    ask_before_purge(state, yes_purge)
    with context.aws.writing():
        context.queues.purge(state.name)
    text = f"{state.name} is being purged; SQS takes up to a minute."
    click.echo(as_json({"purged": state.name}) if options.is_json else text)
