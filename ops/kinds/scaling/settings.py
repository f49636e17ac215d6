"""The section `scaling` of a service's `ops.yml`.

Defaults of `load_per_task` and `published_load` come from a simulation over recorded traffic:
docs/decisions/0024-scaling-by-load.md.
"""

from collections.abc import Mapping
from itertools import combinations
from typing import Annotated, Literal, get_args

from pydantic import Field, model_validator

from ops.base.fields import (
    Count,
    Duration,
    Number,
    QueueName,
    Section,
    Switch,
    as_duration,
    check_window,
)
from ops.control.alarms import is_period
from ops.control.scaling import MOST_POLICIES, MOST_STEPS
from ops.kinds.metric import Dimensions, MetricName, Namespace
from ops.kinds.times import DAY, TimeOfDay, Weekday, Zone, minutes

MINUTE = 60  # seconds; the finest period that SQS and ECS give free of charge

Positive = Annotated[Number, Field(gt=0)]
Seconds = Annotated[Duration, Field(gt=0)]
ShortName = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]


class _OnQueue(Section):
    queue: QueueName | None = None  # a queue's name; the service's own without it


class _TargetTracking(Section):
    """A policy that keeps a metric at a target, by alarms that AWS creates."""

    scale_out_cooldown: Duration | None = None  # AWS's own default is 300 s
    scale_in_cooldown: Duration | None = None
    scale_in: Switch = True  # false: only adds tasks, as a backstop of another policy


class QueueDepth(_TargetTracking, _OnQueue):
    """Keep the visible messages of an SQS queue at a target by adding and removing tasks."""

    target: Positive  # visible messages, for the whole service


class BacklogPerTask(_TargetTracking, _OnQueue):
    """Keep the messages that wait for each running task at a target.

    The target is set, or is the number that a task handles while a message may wait:
    https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-using-sqs-queue.html
    """

    target: Positive | None = None  # messages for each task
    acceptable_latency: Seconds | None = None  # how long a message may wait
    seconds_per_task: Positive | None = None  # measured, for one message
    concurrency: Annotated[Count, Field(ge=1)] = 1  # messages that a task works on at once
    in_flight: Switch = False  # also count the messages that consumers hold

    @model_validator(mode="after")
    def _given_or_derived(self) -> "BacklogPerTask":
        derived = self.acceptable_latency is not None and self.seconds_per_task is not None
        if (self.target is None) is not derived:
            raise ValueError(
                "needs either `target`, or `acceptable_latency` and `seconds_per_task`"
            )
        return self

    @property
    def messages_per_task(self) -> float:
        """Return the target: as declared, or derived from the times."""
        if self.target is not None:
            return self.target
        latency = self.acceptable_latency or 0  # pragma: no mutate - never None here
        seconds = self.seconds_per_task or 1  # pragma: no mutate - never None here
        return max(1.0, round(latency * self.concurrency / seconds, 3))


class Proportional(Section):
    """Two step policies that return the load of each task to a target.

    A load of 1 is a task that is always busy.
    """

    target: Positive = 0.95  # the load of each task that both policies aim at
    scale_out_above: Positive = 1.15  # add tasks if the load is above this
    scale_out_after: Annotated[Count, Field(ge=1)] = 2  # periods in a row
    scale_out_cooldown: Seconds = 300
    scale_in_below: Positive = 0.9  # remove tasks if the load with one task fewer is below this
    scale_in_after: Annotated[Count, Field(ge=1)] = 5  # periods in a row
    scale_in_at_most: Annotated[Number, Field(gt=0, le=100)] = 35  # percent of the tasks at once
    scale_in_cooldown: Seconds = 300
    scale_in: Switch = True  # false: only adds tasks, as a backstop of another policy

    @model_validator(mode="after")
    def _in_order(self) -> "Proportional":
        if not self.scale_in_below < self.target < self.scale_out_above:
            raise ValueError(
                "needs `scale_in_below` < `target` < `scale_out_above`, "
                f"and has {self.scale_in_below:g}, {self.target:g}, {self.scale_out_above:g}"
            )
        return self

    @property
    def alarm_period(self) -> int:
        """Return the period of both alarms in seconds."""
        return MINUTE

    @model_validator(mode="after")
    def _in_the_window(self) -> "Proportional":
        afters = {"scale_out_after": self.scale_out_after}
        if self.scale_in:
            afters["scale_in_after"] = self.scale_in_after
        for name, periods in afters.items():
            what = f"`{name}` times the period of {as_duration(self.alarm_period)}"
            check_window(self.alarm_period, periods, what)
        return self


class LoadPerTask(Proportional, _OnQueue):
    """The load by free metrics each minute: messages sent, messages visible, tasks running."""

    seconds_per_task: Positive  # measured, for one message
    concurrency: Annotated[Count, Field(ge=1)] = 1  # messages that a task works on at once
    drain_within: Seconds = 600  # waiting messages count as due within this time


class PublishedLoad(Proportional):
    """The load as the application publishes it, with a storage resolution of one second."""

    namespace: Namespace
    metric: MetricName = "LoadPerTask"
    dimensions: Dimensions = Field(default_factory=dict)
    # The load with one task fewer; without it, `metric` decides on removals too.
    metric_with_one_task_fewer: MetricName | None = None
    period: Seconds = 10  # of the metric and the alarms
    lag: Duration = 10  # from the end of a period to its value in CloudWatch
    scale_out_above: Positive = 1.1  # add tasks when the load is above this
    scale_out_cooldown: Seconds = 90
    scale_in_below: Positive = 0.85  # remove tasks when one fewer would have less than this
    scale_in_after: Annotated[Count, Field(ge=1)] = 12  # periods in a row
    scale_in_cooldown: Seconds = 30

    @property
    def alarm_period(self) -> int:
        """Return the period of both alarms in seconds: the metric's."""
        return self.period

    @model_validator(mode="after")
    def _periods_that_alarms_have(self) -> "PublishedLoad":
        if not is_period(self.period):
            raise ValueError("must have a `period` of 10s, 20s, 30s or whole minutes")
        return self


class Step(_OnQueue):
    """A step policy that adds tasks if a value of the queue is high enough, independently of other
    policies.

    `visible`: messages that wait. `unclaimed`: the same while no consumer holds any, so no task
    works. `age`: seconds that the oldest message has waited.
    """

    by: Literal["visible", "unclaimed", "age"] = "visible"  # the value of the queue
    add: Mapping[Annotated[int, Field(gt=0)], Annotated[Count, Field(ge=1)]] = Field(
        min_length=1, max_length=MOST_STEPS
    )  # values, each with the tasks to add from there on
    after: Annotated[Count, Field(ge=1)] = 1  # minutes
    cooldown: Seconds = 300

    @model_validator(mode="after")
    def _in_the_window(self) -> "Step":
        check_window(MINUTE, self.after, "`after` times a minute")
        return self


class Minimum(Section):
    """A higher minimum of tasks at the times of a known load."""

    at: TimeOfDay  # when the minimum rises
    until: TimeOfDay  # when it ends; on the next day if not later than `at`
    min: Annotated[Count, Field(ge=1)]  # tasks, within the manifest's range
    timezone: Zone  # of both times; AWS handles daylight saving time
    weekdays: tuple[Weekday, ...] = Field(get_args(Weekday), min_length=1)  # days on which it rises

    @property
    def is_overnight(self) -> bool:
        """Return whether the period ends on the day after its begin."""
        return self.until <= self.at  # pragma: no mutate - equal times are refused

    @property
    def covered(self) -> frozenset[int]:
        """Return the minutes of the week in which the minimum applies, including the last one."""
        begin, length = minutes(self.at), (minutes(self.until) - minutes(self.at)) % DAY
        days = [get_args(Weekday).index(day) for day in self.weekdays]
        return frozenset(
            (day * DAY + begin + minute) % (7 * DAY) for day in days for minute in range(length + 1)
        )

    @model_validator(mode="after")
    def _ends(self) -> "Minimum":
        if self.at == self.until:
            raise ValueError("must not end at the time at which it begins")
        if len(set(self.weekdays)) < len(self.weekdays):
            raise ValueError("names a day twice in `weekdays`")
        return self


class Settings(Section):
    """The policies of a service, one field for each type. Several may be combined."""

    launch: Seconds = 60  # from the decision to a working task; used to check cooldowns
    queue_depth: QueueDepth | None = None
    backlog_per_task: BacklogPerTask | None = None
    load_per_task: LoadPerTask | None = None
    published_load: PublishedLoad | None = None
    step: Mapping[ShortName, Step] = Field(default_factory=dict)
    minimum: tuple[Minimum, ...] = ()  # higher minimums at known times

    @model_validator(mode="after")
    def _few_enough(self) -> "Settings":
        """Raise ValueError for more policies than AWS allows on a target.

        https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-quotas.html
        """
        one = [self.queue_depth, self.backlog_per_task]
        two = [self.load_per_task, self.published_load]
        count = len(self.step) + sum(policy is not None for policy in (*one, *two, *two))
        if count > MOST_POLICIES:
            raise ValueError(f"makes {count} policies, and a service has at most {MOST_POLICIES}")
        return self

    @model_validator(mode="after")
    def _minimums_apart(self) -> "Settings":
        if len({minimum.timezone for minimum in self.minimum}) > 1:
            raise ValueError("can only have a `minimum` in one time zone")
        for one, other in combinations(self.minimum, 2):
            if one.covered & other.covered:
                raise ValueError(
                    f"has a `minimum` at {one.at:%H:%M} and one at {other.at:%H:%M} that overlap"
                )
        return self
