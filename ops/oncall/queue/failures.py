"""The exceptions behind dead letters: a dead letter does not hold its exception, but the worker's
log may.

Reads Celery's own lines as well as those of a JSON formatter.
https://docs.celeryq.dev/en/stable/userguide/tasks.html#logging
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from ops.aws.client import AwsError, in_batches, side_by_side
from ops.base.errors import OpsError
from ops.oncall.logs.event import LogEvent
from ops.oncall.logs.query import any_of
from ops.oncall.logs.remote import Ask, Logs, problem_of
from ops.oncall.queue.message import Message

_IDS_AT_ONCE = 24  # as many as fit into a filter pattern
_LOOKED_UP = 240  # the latest tasks; a group shows only its latest
_PAGES = 20  # of each look-up
_AFTER = timedelta(days=1)  # how long after it was sent a task is looked for

_TRACES = ("exception", "exc_info", "traceback", "stack_trace", "error")
_RAISED = re.compile(
    r"(?:raised (?:un)?expected|raised error|Retry in [\d.]+s): ([A-Za-z_][\w.]*)\("
)
_NAME = re.compile(r"((?:\w+\.)*[A-Z]\w*[a-z]\w*)(?::|$)")  # alone or before a message
_TIME_LIMIT = re.compile(r"(Hard|Soft) time limit")


def failures(logs: Logs, messages: Sequence[Message]) -> tuple[Mapping[str, str], list[OpsError]]:
    """Return the last exception of each task by its ID, as far as the logs have it."""
    sent = {message.task.id: message.sent for message in messages if message.task and message.sent}
    ids = sorted(sent, key=lambda id_: sent[id_], reverse=True)[:_LOOKED_UP]
    if not ids:
        return {}, []
    asks = [
        (service, _ask([sent[id_] for id_ in batch], list(batch)))
        for service in logs.services
        for batch in in_batches(ids, _IDS_AT_ONCE)
    ]
    answers = side_by_side(lambda ask: _look_up(logs, *ask), asks)
    events = [event for answer in answers if not isinstance(answer, OpsError) for event in answer]
    problems = [*logs.problems, *(answer for answer in answers if isinstance(answer, OpsError))]
    return last_exceptions(ids, events), problems


def _ask(times: Sequence[datetime], ids: list[str]) -> Ask:
    """Return the log range for tasks whose messages were sent at these times."""
    return Ask(_milliseconds(min(times)), _milliseconds(max(times) + _AFTER), any_of(ids))


def _look_up(logs: Logs, service: str, ask: Ask) -> list[LogEvent] | OpsError:
    try:
        return logs.read_one(service, ask, _PAGES)
    except AwsError as error:
        return problem_of(service, error)


def last_exceptions(ids: Sequence[str], events: Iterable[LogEvent]) -> dict[str, str]:
    """Return the exception of the last line for each ID that has one."""
    any_id = re.compile("|".join(map(re.escape, ids)))
    names: dict[str, str] = {}
    for event in sorted(events, key=lambda line: line.timestamp):
        about = set(any_id.findall(event.message))
        if about and (name := exception_of(event)):
            names |= dict.fromkeys(about, name)
    return names


def exception_of(event: LogEvent) -> str | None:
    """Return the name of the exception that a line reports."""
    trace = event.first_of(_TRACES)
    text = event.message if event.fields is None else str(event.first_of(("message",)) or "")
    if isinstance(trace, str) and (name := _last_in(trace)):
        return name
    if match := _RAISED.search(text):
        return match[1]
    if match := _TIME_LIMIT.search(text):
        return "TimeLimitExceeded" if match[1] == "Hard" else "SoftTimeLimitExceeded"
    return _last_in(text) if "Traceback" in text else None


def _last_in(trace: str) -> str | None:
    """Return the exception at the end of a traceback; its message may have several lines."""
    names = [match[1] for line in trace.splitlines() if (match := _NAME.match(line))]
    return names[-1] if names else None


def _milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)
