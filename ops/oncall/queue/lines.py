"""Queues, messages and dead letters as text and as data. Pure."""

from collections.abc import Sequence
from datetime import datetime

import click

from ops.base.words import number, span
from ops.oncall.queue.groups import Group
from ops.oncall.queue.holding import is_fifo
from ops.oncall.queue.message import Message
from ops.oncall.queue.redrive import Outcome, Plan
from ops.oncall.queue.state import QueueState
from ops.plan.model import Json

_BODY = 200  # characters of a body that are shown


def state_as_text(state: QueueState) -> str:
    """Format a queue in four lines."""
    age = f", the oldest {span(state.age)} old" if state.age is not None else ""
    kept = (
        f"hidden for {span(state.visibility_timeout or 0)} when received, "
        f"kept for {span(state.retention or 0)}"
    )
    return "\n".join(
        [
            click.style(state.name, bold=True),
            f"  {state.visible} visible, {state.in_flight} in flight, {state.delayed} delayed{age}",
            f"  {kept}",
            f"  {_dead_letters(state)}",
        ]
    )


def _dead_letters(state: QueueState) -> str:
    if state.dead_letters is None:
        return "no dead-letter queue"
    if state.max_receives is None:
        where = f"by ops.yml to {state.dead_letters} (no redrive policy)"
    else:
        after = number(state.max_receives, "delivery", "deliveries")
        where = f"after {after} to {state.dead_letters}"
    if state.dead is None:
        return f"{where}, which cannot be read"
    text = f"{where}, which has {state.dead}"
    return click.style(text, fg="red") if state.dead else text


def state_as_data(state: QueueState) -> dict[str, Json]:
    """Return a queue for `--output json`."""
    return dict(vars(state))


def messages_as_text(messages: Sequence[Message], state: QueueState, now: datetime) -> str:
    """Format two lines for each message."""
    lines = [line for message in messages for line in _message(message, state, now)]
    if not messages:
        lines = [f"{state.name} returned no messages."]
    return "\n".join([*lines, *_behind(state.name, len(messages), state.messages)])


def _behind(name: str, seen: int, among: int) -> list[str]:
    """Explain why a FIFO queue shows fewer messages than it has."""
    if not is_fifo(name) or seen >= among:
        return []
    first = "the first messages of each group, ten at most, and none while a consumer holds one"
    return [
        "",
        f"{seen} of {number(among, 'message')} were returned: a FIFO queue returns only {first}.",
        "The others can be read once these are gone.",
    ]


def _message(message: Message, state: QueueState, now: datetime) -> list[str]:
    sent = f"sent {span(now - message.sent)} ago, " if message.sent else ""
    times = "once" if message.receives == 1 else f"{message.receives} times"
    last = state.max_receives is not None and message.receives >= state.max_receives
    warning = ", becomes a dead letter at its next delivery" if last else ""
    head = f"{message.id}  {sent}delivered {times}, including this one{warning}"
    task = message.task
    if task is None:
        return [head, f"  {_shortened(message.body)}"]
    retries = f", {number(task.retries, 'retry', 'retries')}" if task.retries else ""
    call = f"{_shortened(task.name)}({_shortened(task.arguments)})"
    return [head, f"  {call}  {_shortened(task.id)}{retries}"]


def _shortened(text: str) -> str:
    """Return a text on one line without control characters, because senders choose it."""
    shown = "".join(character if character.isprintable() else " " for character in text)
    return shown if len(shown) <= _BODY else f"{shown[:_BODY]}…"


def message_as_data(message: Message) -> dict[str, Json]:
    """Return a complete message for `--output json`."""
    task = message.task
    return {
        "id": message.id,
        "sent": message.sent.isoformat(timespec="milliseconds") if message.sent else None,
        "receives": message.receives,
        "task": dict(vars(task)) if task else None,
        "attributes": {
            name: str(value.get("StringValue", "(binary)"))
            for name, value in message.attributes.items()
        },
        "body": message.body,
    }


def groups_as_text(name: str, groups: Sequence[Group], among: int, now: datetime) -> str:
    """Format a table, the largest group first; `among` is the total number of dead letters."""
    total = sum(len(group.messages) for group in groups)
    if not total:
        head = f"{name} returned none of {number(among, 'dead letter')}." if among else ""
        return "\n".join([head or f"{name} is empty.", *_behind(name, total, among)])
    rows = [("count", "task", "exception", "oldest", "latest", "look for")]
    rows += [
        (
            str(len(group.messages)),
            _shortened(group.kind),
            _shortened(group.exception),
            _ago(group.oldest, now),
            _ago(group.latest, now),
            _shortened(group.example),
        )
        for group in groups
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    table = (
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )
    looked_at = f"{total} of " if among > total else ""
    head = f"{name}: {looked_at}{number(max(total, among), 'dead letter')}"
    return "\n".join([head, "", *table, *_behind(name, total, among)])


def _ago(when: datetime | None, now: datetime) -> str:
    return f"{span(now - when)} ago" if when else "unknown"


def group_as_data(group: Group) -> dict[str, Json]:
    """Return a group for `--output json`."""
    return {
        "task": group.kind,
        "exception": group.exception,
        "count": len(group.messages),
        "oldest": group.oldest.isoformat(timespec="seconds") if group.oldest else None,
        "latest": group.latest.isoformat(timespec="seconds") if group.latest else None,
        "ids": [message.task.id if message.task else message.id for message in group.messages],
    }


def planned_as_text(plan: Plan, groups: Sequence[Group], seen: int) -> str:
    """Describe what a redrive would send, out of `seen` dead letters."""
    lines = [
        f"would send {len(group.messages)} of {_shortened(group.kind)} back to {plan.queue}"
        for group in groups
    ]
    selected = sum(len(group.messages) for group in groups)
    lines.append(f"{selected} of {number(seen, 'dead letter')}; nothing was sent.")
    return "\n".join([*lines, *_behind(plan.dead_letters, seen, plan.among)])


def outcome_as_text(outcome: Outcome, plan: Plan) -> str:
    """Describe the outcome of a redrive."""
    lines = [f"{number(outcome.sent, 'message')} sent back to {plan.queue}."]
    if outcome.left:
        lines.append(f"{outcome.left} from other tasks or queues stay in {plan.dead_letters}.")
    if outcome.refused:
        lines.append(f"{plan.queue} rejected {outcome.refused}; they stay dead letters.")
    if outcome.doubled:
        lines.append(
            f"{outcome.doubled} could not be deleted from {plan.dead_letters}: they are now in "
            "both queues."
        )
    return "\n".join(lines)


def outcome_as_data(outcome: Outcome, plan: Plan) -> dict[str, Json]:
    """Return the outcome of a redrive for `--output json`."""
    return {"queue": plan.queue, "dead_letters": plan.dead_letters, **vars(outcome)}
