"""The logs of several services, read round by round until interrupted."""

from collections.abc import Callable
from dataclasses import replace

from ops.aws.client import AwsError, side_by_side
from ops.base import clock
from ops.base.errors import OpsError
from ops.oncall.logs.event import LogEvent
from ops.oncall.logs.follow import Follower
from ops.oncall.logs.remote import Ask, Logs, problem_of


def tail(
    logs: Logs,
    ask: Ask,
    show: Callable[[LogEvent], None],
    tell: Callable[[OpsError], None],
    wait: Callable[[], None],
) -> None:
    """Show new events and wait, again and again, until `wait` or `show` raises.

    A service that cannot be read in one round is reported and loses no events: the next round reads
    the same range again.
    """
    followers = {service: Follower(ask.since) for service in logs.services}

    def fresh(service: str) -> list[LogEvent] | OpsError:
        follower = followers[service]
        try:
            events = logs.read_one(service, replace(ask, since=follower.since))
        except AwsError as error:
            return problem_of(service, error)
        return follower.fresh(events, round(clock.now().timestamp() * 1000))

    while True:
        events: list[LogEvent] = []
        for answer in side_by_side(fresh, logs.services):
            if isinstance(answer, OpsError):
                tell(answer)
            else:
                events += answer
        for event in sorted(events, key=lambda event: event.timestamp):
            show(event)
        wait()
