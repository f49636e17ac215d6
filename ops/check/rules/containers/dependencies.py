"""Dependencies between the containers of a task."""

from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter

from ops.check.finding import Hit, Severity
from ops.check.manifest.containers import Container, containers
from ops.check.registry import rule
from ops.check.subject.model import Subject, Variant
from ops.copilot.workload import FARGATE
from ops.copilot.workspace.problems import did_you_mean

_DEPENDS_ON = "https://aws.github.io/copilot-cli/docs/manifest/lb-web-service/#image-depends-on"
_DEPENDENCY = (
    "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDependency.html"
)


def _waits(subject: Subject) -> Iterator[tuple[Variant, Container, str, str, Container | None]]:
    """Yield each dependency: the waiting container, the name, the status, and the awaited
    container, None if it does not exist.
    """
    for variant in subject.variants(*FARGATE):
        there = containers(variant)
        for container in there.values():
            for name, status in container.depends_on.items():
                if "$" not in name:
                    yield variant, container, name, str(status).upper(), there.get(name)


def _at(container: Container, name: str) -> tuple[int | str, ...]:
    return (*container.at, "depends_on", name)


@rule(Severity.ERROR, _DEPENDS_ON)
def unknown_container(subject: Subject) -> Iterator[Hit]:
    """A container depends on one that the task does not have.

    Why: Copilot refuses the manifest.

    Fix: Name one of the task's sidecars, or the service for its main container.
    """
    for variant, container, name, _, awaited in _waits(subject):
        if awaited is None:
            message = f"there is no container `{name}`; {did_you_mean(name, containers(variant))}"
            yield variant.hit(_at(container, name), message)


@rule(Severity.ERROR, _DEPENDS_ON)
def waits_for_the_end(subject: Subject) -> Iterator[Hit]:
    """A container waits until an essential container has ended.

    Why: Copilot refuses the manifest: ECS stops the task when an essential container ends. Sidecars
    are essential by default.

    Fix: Write `essential: false` in the sidecar that ends, or wait for `start` or `healthy`.
    """
    for variant, container, name, status, awaited in _waits(subject):
        if awaited is not None and awaited.is_essential and status in {"COMPLETE", "SUCCESS"}:
            message = (
                f"`{name}` is essential, and `{container.name}` waits for its {status.lower()}"
            )
            yield variant.hit(_at(container, name), message)


@rule(Severity.ERROR, _DEPENDENCY)
def waits_without_health_check(subject: Subject) -> Iterator[Hit]:
    """A container waits for the health of one without a health check.

    Why: The deployment fails: ECS refuses the task definition, because such a container never
    becomes healthy.

    Fix: Add a `healthcheck` to the other container, or wait for `start`.
    """
    for variant, container, name, status, awaited in _waits(subject):
        if awaited is not None and status == "HEALTHY" and not awaited.has_health_check:
            yield variant.hit(_at(container, name), f"`{name}` has no `healthcheck`")


@rule(Severity.ERROR, _DEPENDS_ON)
def circular_dependency(subject: Subject) -> Iterator[Hit]:
    """Containers depend on each other in a circle, or one depends on itself.

    Why: Copilot refuses the manifest: no container could start.

    Fix: Remove one of the dependencies.
    """
    for variant in subject.variants(*FARGATE):
        there = containers(variant)
        if circle := _circle(there):
            first, second = circle[0], circle[1]
            message = " waits for ".join(f"`{name}`" for name in circle)
            yield variant.hit(_at(there[first], second), message)


def _circle(there: Mapping[str, Container]) -> list[str]:
    """Return the containers of a circle, the first again at the end; empty if no circle exists."""
    waits = {name: sorted(container.depends_on) for name, container in there.items()}
    try:
        TopologicalSorter(waits).prepare()
    except CycleError as error:
        circle: list[str] = error.args[1]
        return circle[::-1]  # graphlib lists what must come first, first
    return []
