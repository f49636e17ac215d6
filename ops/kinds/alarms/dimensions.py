"""The dimensions of a metric, from the service's stack and files. Pure."""

from collections.abc import Mapping

from ops.base.errors import DeclarationError
from ops.copilot.place import ServicePlace
from ops.kinds.alarms.alarm import Metric, Of

_OF_NAMESPACE: Mapping[str, Of] = {
    "AWS/ECS": "service",
    "ECS/ContainerInsights": "service",
    "AWS/ApplicationELB": "target-group",
    "AWS/NetworkELB": "target-group",
    "AWS/SQS": "queue",
}


def dimensions(short_name: str, metric: Metric, place: ServicePlace) -> Mapping[str, str]:
    """Return the metric's own dimensions, or those that follow from its `of` or its namespace.

    Raise DeclarationError if none follow, or if the service has no such resource.
    """
    if metric.dimensions is not None:
        return metric.dimensions
    stack = place.stack
    match metric.of or _OF_NAMESPACE.get(metric.namespace):
        case "service":
            return {"ClusterName": stack.cluster, "ServiceName": stack.service}
        case "target-group" if stack.target_group and stack.load_balancer:
            return {"TargetGroup": stack.target_group, "LoadBalancer": stack.load_balancer}
        case "load-balancer" if stack.load_balancer:
            return {"LoadBalancer": stack.load_balancer}
        case "target-group" | "load-balancer":
            raise DeclarationError(
                f"The alarm `{short_name}` needs a load balancer, and `{place.service}` has none",
                _otherwise(short_name, place),
                ("alarms", "define", short_name),
            )
        case "queue" | "dead-letters" as of:
            return {"QueueName": _queue(short_name, place, of)}
        case _:
            raise DeclarationError(
                f"The alarm `{short_name}` needs `dimensions`: "
                f"those of {metric.namespace} do not follow from the service",
                f"Add them in copilot/{place.service}/ops.yml, such as "
                "`dimensions: {QueueName: my-queue}`, or `{}` for none.",
                ("alarms", "define", short_name),
            )


def _queue(short_name: str, place: ServicePlace, of: str) -> str:
    queue = place.queue
    name = None if queue is None else queue.dead_letters if of == "dead-letters" else queue.name
    if name is not None:
        return name
    field = "queue: {name: …, dead_letters: …}" if of == "dead-letters" else "queue: {name: …}"
    what = "dead-letter queue" if of == "dead-letters" else "queue"
    raise DeclarationError(
        f"The alarm `{short_name}` is about the {what} of `{place.service}`, "
        f"and copilot/{place.service}/ops.yml names none",
        f"Add `{field}` there. {_otherwise(short_name, place)}",
        ("alarms", "define", short_name),
    )


def _otherwise(short_name: str, place: ServicePlace) -> str:
    return (
        f"Or switch the alarm off in copilot/{place.service}/ops.yml, "
        f"`alarms: {{define: {{{short_name}: off}}}}`, or give it `dimensions`."
    )
