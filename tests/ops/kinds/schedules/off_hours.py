"""Off-hours of a made-up environment, and random ones."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from hypothesis import Phase
from hypothesis import strategies as st

from ops.copilot.place import EnvironmentPlace, ServicePlace, ServiceStack
from ops.copilot.workload import Queue, TaskRange, Workload
from ops.kinds.alarms.settings import Settings as AlarmSettings
from ops.kinds.schedules.desired import desired
from ops.kinds.schedules.settings import OffHours, Settings
from ops.kinds.times import WEEKDAYS
from ops.plan.model import Resource
from tests.ops.kinds.schedules.aws_schedules import MINUTE

MONDAY = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
DAYS = 9 * 24 * 60  # minutes
ALARMS = AlarmSettings.model_validate(
    {
        "define": {
            "high-cpu": {
                "summary": "Short of CPU.",
                "namespace": "AWS/ECS",
                "metric": "CPUUtilization",
                "threshold": 80,
                "missing_data": "not-breaching",
            }
        }
    }
)
OFF_HOURS: dict[str, Any] = {
    "timezone": "Europe/Berlin",
    "up": "07:00",
    "down": "19:00",
    "order": ["beat", "worker", "api"],
}


def service(name: str, workload: Workload, *, scales: bool = True) -> ServicePlace:
    target = f"service/shop-staging/shop-{name}" if scales else None
    stack = ServiceStack("", "shop-staging", f"shop-{name}", scalable_target=target)
    return ServicePlace("shop", "staging", name, stack, workload, declared={"alarms": ALARMS})


BEAT = service("beat", Workload(tasks=TaskRange(1, 1)), scales=False)
WORKER = service("worker", Workload(tasks=TaskRange(1, 4), queue=Queue(name="jobs")))
API = service("api", Workload(tasks=TaskRange(2, 10)))


def off_hours(**more: object) -> OffHours:
    return OffHours.model_validate({**OFF_HOURS, **more})


def place(now: datetime = MONDAY, *services: ServicePlace) -> EnvironmentPlace:
    return EnvironmentPlace("shop", "staging", services or (API, BEAT, WORKER), now)


def wanted(hours: OffHours, where: EnvironmentPlace | None = None) -> dict[str, Resource]:
    found = desired(Settings(off_hours=hours), where or place())
    return {each.name: each for each in found}


def actions(resources: dict[str, Resource], name: str) -> list[Any]:
    prefix = f"{name}/ops-off-hours-"
    return [each.properties for each in resources.values() if each.name.startswith(prefix)]


def rules(resources: dict[str, Resource]) -> list[Any]:
    return [each.properties for each in resources.values() if "/" not in each.name]


# Nine days a minute at a time are too much to try again and again for a smaller example.
UNSHRUNK = (Phase.explicit, Phase.reuse, Phase.generate)
hours_of_any_kind = st.builds(
    lambda zone, weekdays, holidays, up, length: off_hours(
        timezone=zone,
        weekdays=sorted(weekdays, key=WEEKDAYS.index),
        holidays=[(date(2026, 10, 19) + timedelta(days=each)).isoformat() for each in holidays],
        up=up.strftime("%H:%M"),
        down=(datetime.combine(date.min, up) + timedelta(minutes=length)).strftime("%H:%M"),
    ),
    st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Kolkata", "UTC"]),
    st.sets(st.sampled_from(WEEKDAYS), min_size=1),
    st.sets(st.integers(0, 20), max_size=4),
    st.times(time(3, 30), time(11, 0)).map(lambda each: each.replace(second=0, microsecond=0)),
    st.integers(30, 11 * 60),
)
# In it, the clocks change in Berlin on 2026-10-25 and in New York on 2026-11-01.
starts = st.integers(0, 7 * 24 * 60).map(
    lambda minute: datetime(2026, 10, 19, tzinfo=UTC) + minute * MINUTE
)
