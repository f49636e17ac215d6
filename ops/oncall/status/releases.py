"""The last failed deployment, from ECS's service events. Pure.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-event-messages-list.html
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from ops.oncall.status.snapshot import Failure, Stopped

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
_FAILED = re.compile(r"\(deployment (\S+)\) deployment failed: (.+?)\.?$")
_ROLLS_BACK = re.compile(r"rolling back to deployment(?:Id)? (\S+?)\.?$")
_COMPLETED = re.compile(r"\(deployment (\S+)\) deployment completed")


def failure_of(events: Sequence[Mapping[str, Any]]) -> Failure | None:
    """Return the last deployment if it failed. `events` are a service's, the newest first."""
    later: list[str] = []  # messages, the newest first
    for event in events:
        message = event["message"]
        if failed := _FAILED.search(message):
            back = next((match[1] for entry in later if (match := _ROLLS_BACK.search(entry))), None)
            # A deployment that completed since is another release, unless it is the way back.
            done = {match[1] for entry in later if (match := _COMPLETED.search(entry))}
            if done - {back}:
                return None
            return Failure(failed[1], event.get("createdAt"), failed[2], is_rolled_back=bool(back))
        later.append(message)
    return None


def with_task(failure: Failure, stopped: Iterable[Stopped]) -> tuple[Failure, Stopped | None]:
    """Return the failure with its revision, and the last of its tasks that stopped, if known."""
    tasks = [entry for entry in stopped if entry.deployment == failure.deployment]
    last = max(tasks, key=lambda task: task.when or _LONG_AGO, default=None)
    if last is None:
        return failure, None
    return replace(failure, revision=last.revision), last
