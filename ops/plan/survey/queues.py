"""The queues that planned resources are about, and a warning for each that does not exist."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from ops.aws.client import Aws, AwsError, explain
from ops.copilot.queues import missing_queues
from ops.plan.model import Json, Resource
from ops.plan.survey.declarations import Declarations


def queues_of(value: Json) -> set[str]:
    """Return the queues that a resource's properties name as dimensions of metrics."""
    if isinstance(value, str):
        return set()
    if isinstance(value, Mapping):
        if value.get("Name") == "QueueName":
            return {str(value.get("Value"))}
        value = list(value.values())
    if isinstance(value, Sequence):
        return {name for inner in value for name in queues_of(inner)}
    return set()


def warnings(
    declarations: Declarations, resources: Iterable[tuple[str, str, Resource]], aws: Aws
) -> Iterator[str]:
    """Warn about each queue that does not exist, whose metrics therefore have no data.

    A resource comes with its kind and the service that declares it.
    """
    kinds = defaultdict[tuple[str, str], set[str]](set)
    for kind, service, resource in resources:
        for queue in queues_of(resource.properties):
            kinds[service, queue].add(kind)
    if not kinds:
        return
    try:
        missing = missing_queues(aws, {queue for _, queue in kinds})
    except AwsError as error:
        yield f"Whether the queues exist is unknown: {explain(error).what}"
        return
    for service, queue in sorted(kinds):
        if queue in missing:
            by = sorted(kinds[service, queue])
            yield (
                f"{_place(declarations, service, queue, by[0])}: there is no queue `{queue}`, so "
                f"`{service}` has {' and '.join(by)} without data. Deploy what makes the queue, "
                "or correct its name"
            )


def _place(declarations: Declarations, service: str, queue: str, kind: str) -> str:
    """Return where a service's `ops.yml` names the queue, or the section that is about it."""
    workload = declarations.workloads.get(service)
    named = workload.queue if workload else None
    field = {named.dead_letters: "dead_letters", named.name: "name"}.get(queue) if named else None
    location = ("queue", field) if field else (kind,)
    return declarations.workspace.place_of(location, service, declarations.environment)
