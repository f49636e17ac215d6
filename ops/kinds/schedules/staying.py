"""Services that keep tasks during off-hours, because no policy removes the last ones.

Pure.
"""

from ops.copilot.place import ServicePlace
from ops.copilot.workload import TaskRange
from ops.kinds.scaling.settings import Settings as Scaling
from ops.kinds.schedules.settings import OffHours

_SAY_WHEN = "Set when it stops in any case: `schedules.off_hours.at_latest` in copilot/ops.yml."


def staying(off_hours: OffHours, service: ServicePlace, tasks: TaskRange) -> str | None:
    """Return the warning about a service that consumes a queue and has a range of tasks; None if it
    stops.
    """
    scaling: Scaling = service.declared.get("scaling") or Scaling()
    tracking = (scaling.queue_depth, scaling.backlog_per_task)
    is_tracked = any(policy is not None and policy.scale_in for policy in tracking)
    if is_tracked or service.workload.follows_queue:
        return None
    load, published = scaling.load_per_task, scaling.published_load
    stops = off_hours.at_latest
    name = f"`{service.service}`"
    if load is not None and load.scale_in:
        warning = f"{name} keeps a task all night: load_per_task never removes the last one"
    elif published is not None and published.scale_in:
        until = "all night" if stops is None else f"until {stops:%H:%M}"
        warning = (
            f"{name} keeps as many tasks as it has, up to {tasks.most}, {until}: published_load "
            "leaves the count as it is once its publisher is down"
        )
        return f"{warning}. {_SAY_WHEN}" if stops is None else f"{warning}."
    else:
        warning = f"{name} keeps its tasks all night: no policy in its ops.yml removes the last one"
    return f"{warning}. {_SAY_WHEN}" if stops is None else None
