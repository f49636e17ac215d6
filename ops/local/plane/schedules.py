"""EventBridge: rules with a schedule, which goes by the clock of the control plane, in UTC.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
"""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.events.models import EventsBackend, events_backends

from ops.control.autoscaling.schedule import ScheduledAction, times_between
from ops.control.cron import CronError
from ops.local.locks import lock_of
from ops.local.plane.events import input_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from moto.events.models import Rule

    from ops.local.plane.journal import Journal


class Schedules:
    """The scheduled rules of a region's default bus."""

    def __init__(
        self,
        region: str,
        journal: Journal,
        deliver: Callable[[str, str], bool],
        report: Callable[[str], None],
    ) -> None:
        self._region = region
        self._journal = journal
        self._deliver = deliver
        self._report = report
        self._last: float | None = None
        self._first_seen: dict[str, float] = {}

    def run(self, now: float) -> None:
        """Deliver the events that are due since the last call.

        :param now: seconds since 1970, by the clock of the control plane
        """
        since, self._last = self._last if self._last is not None else now, now
        with lock_of(EventsBackend):
            bus = events_backends[DEFAULT_ACCOUNT_ID][self._region].event_buses["default"]
            rules = [rule for rule in bus.rules.values() if rule.scheduled_expression]
        begin, until = datetime.fromtimestamp(since, UTC), datetime.fromtimestamp(now, UTC)
        for rule in rules:
            seen = self._first_seen.setdefault(rule.arn, since)
            action = ScheduledAction(
                str(rule.scheduled_expression), UTC, datetime.fromtimestamp(seen, UTC)
            )
            try:
                due = list(times_between(action, begin, until))
            except CronError as error:
                self._report(f"The schedule of the rule {rule.name} cannot be run: {error}")
                continue
            for moment in due if rule.state == "ENABLED" else ():
                self._send(rule, moment)

    def _send(self, rule: Rule, moment: datetime) -> None:
        event: dict[str, Any] = {
            "version": "0",
            "id": str(uuid.uuid4()),
            "detail-type": "Scheduled Event",
            "source": "aws.events",
            "account": DEFAULT_ACCOUNT_ID,
            "time": f"{moment:%Y-%m-%dT%H:%M:%SZ}",
            "region": self._region,
            "resources": [rule.arn],
            "detail": {},
        }
        for target in list(rule.targets):
            self._journal.add(
                moment.timestamp(),
                "event",
                rule.name,
                f"its schedule is due: to {target['Arn']}",
                schedule=rule.scheduled_expression,
                delivered=self._deliver(target["Arn"], input_of(target, event)),
            )
