"""The text of the first `ops.yml` files of a workspace. Pure.

A section that follows from the files is written; a section that needs an answer is a comment with
the question.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ops.copilot.workload import BACKEND, SERVICES, STATIC, WEB, WORKER
from ops.scaffold.queues import AddonQueue, consumed_by

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_PRESETS = {WEB: "load-balanced", WORKER: "queue-worker", BACKEND: "service"}
_ALARMS = """\
alarms:
  preset: {preset}
  # Where are your runbooks? A directory or URL; each alarm links <runbooks>/<alarm>.md.
  # runbooks: docs/runbooks"""
_NO_DEAD_LETTERS = (
    "dead-letters: off # its queue has no dead-letter queue: where should failing messages stay?"
)
_NO_TASKS = "few-tasks: off # its manifest allows no task at all: how few are too few?"
_NO_MOST = "at-max: {threshold: 1} # its manifest has `count: 0`: how many tasks may there be?"
_EVENTS = """\
events: # a failed deployment, a task out of memory, a Spot interruption
  preset: service"""
_SHOWS = "`ops plan` shows what this creates"


@dataclass(frozen=True)
class Workload:
    """The facts about a workload on which its file depends."""

    name: str
    type: str
    manifest: Mapping[str, Any]
    variants: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """The manifest in each environment, with the environment's overrides."""

    @property
    def is_built(self) -> bool:
        """Return whether Copilot builds and pushes its image."""
        image = self.manifest.get("image")
        return isinstance(image, dict) and bool(image.get("build"))


def propose(
    application: str,
    environments: Sequence[str],
    workloads: Sequence[Workload],
    queues: list[AddonQueue],
) -> dict[str, str]:
    """Return the text of each file, by its path in the workspace."""
    services = [workload for workload in workloads if workload.type in SERVICES]
    files = {"copilot/ops.yml": _application(application, environments, workloads)}
    for service in services:
        files[f"copilot/{service.name}/ops.yml"] = _service(service, queues, services)
    return files


def _application(
    application: str, environments: Sequence[str], workloads: Sequence[Workload]
) -> str:
    built = [
        workload.name for workload in workloads if workload.is_built and workload.type != STATIC
    ]
    parts = [f"# Beyond Copilot, for the application {application}. {_SHOWS}."]
    if built:
        lines = "\n".join(f"  {application}/{name}: {{adopt: true, keep: 20}}" for name in built)
        parts.append(
            "images: # the repositories of `copilot svc init`; ops sets how many images stay\n"
            "  # Does a rollback need more than the last 20 images?\n" + lines
        )
    parts.append(
        "topics: # for alarms and events, by severity\n"
        "  # Whose addresses? Each confirms once, by a link in a mail.\n"
        "  page: {email: []}\n"
        "  warn: {email: []}\n"
        "  info: {email: []}"
    )
    parts.append("dashboards: {} # one CloudWatch dashboard for each environment")
    services = [workload.name for workload in workloads if workload.type in SERVICES]
    if services:
        parts.append(_off_hours(environments, services))
    return "\n\n".join(parts) + "\n"


def _off_hours(environments: Sequence[str], services: Sequence[str]) -> str:
    spare = [name for name in environments if "prod" not in name] or ["test"]
    lines = [
        "May these environments rest at night and on weekends? In whose time zone?",
        "environments:",
    ]
    for name in spare:
        lines += [
            f"  {name}:",
            "    schedules:",
            "      off_hours:",
            "        timezone: Europe/Berlin",
            '        up: "07:00"',
            '        down: "19:00"',
            f"        order: [{', '.join(services)}] # down in this order, up in reverse",
        ]
    return "\n".join(f"# {line}" for line in lines)


def _service(service: Workload, queues: list[AddonQueue], services: Sequence[Workload]) -> str:
    known = consumed_by(service.manifest, queues) if service.type == BACKEND else []
    own = next((q for q in known if _is_only_backend(q, service, services)), None)
    preset = "queue-worker" if own else _PRESETS[service.type]
    parts = [f"# Beyond Copilot, for {service.name} ({service.type}). {_SHOWS}."]
    if own:
        parts.append(_queue(own))
    parts += [_question(service, queue) for queue in known if queue is not own]
    if service.type == WORKER:
        parts.append("# ops finds the queue that Copilot creates for a Worker Service.")
    parts += [_alarms(service, preset, own), _EVENTS]
    if own or service.type == WORKER:
        parts.append(_scaling(service))
    if in_environments := _in_environments(service, preset):
        parts.append(in_environments)
    return "\n\n".join(parts) + "\n"


def _alarms(service: Workload, preset: str, own: AddonQueue | None) -> str:
    changes = _everywhere(service, preset)
    if preset == "queue-worker" and not _has_dead_letters(service, own):
        changes.insert(0, _NO_DEAD_LETTERS)
    lines = [_ALARMS.format(preset=preset), *(["  define:"] if changes else [])]
    return "\n".join([*lines, *(f"    {change}" for change in changes)])


def _in_environments(service: Workload, preset: str) -> str:
    """Return the changes of alarms in environments that have no tasks, unlike the others."""
    everywhere = _everywhere(service, preset)
    lines = []
    for name, manifest in service.variants.items():
        changes = [c for c in _without_tasks(manifest, preset) if c not in everywhere]
        if changes:
            lines += [f"  {name}:", "    alarms:", "      define:"]
            lines += [f"        {change}" for change in changes]
    return "\n".join(["environments:", *lines]) if lines else ""


def _everywhere(service: Workload, preset: str) -> list[str]:
    """Return the changes of alarms that every environment needs."""
    manifests = list(service.variants.values()) or [service.manifest]
    first, *others = (_without_tasks(manifest, preset) for manifest in manifests)
    return [change for change in first if all(change in other for other in others)]


def _without_tasks(manifest: Mapping[str, Any], preset: str) -> list[str]:
    """Return the changes of alarms that compare with numbers of tasks that are 0.

    https://aws.github.io/copilot-cli/docs/manifest/backend-service/#count
    """
    count = manifest.get("count", 1)
    if isinstance(count, dict):
        count = count.get("range", count.get("spot", 1))
    if isinstance(count, dict):
        count = f"{count.get('min', 1)}-{count.get('max', 1)}"
    least, _, most = (part.strip() for part in str(count).partition("-"))
    # The preset of a backend service does not compare with the most tasks.
    has_none = preset != "service" and (most or least) == "0"
    return [_NO_TASKS] * (least == "0") + [_NO_MOST] * has_none


def _has_dead_letters(service: Workload, own: AddonQueue | None) -> bool:
    """Return whether the service's queue has a dead-letter queue.

    https://aws.github.io/copilot-cli/docs/manifest/worker-service/#subscribe-queue-dead-letter
    """
    if own is not None:
        return own.dead_letters is not None
    subscribe = service.manifest.get("subscribe")
    if not isinstance(subscribe, dict) or subscribe.get("topics") is None:
        return False  # Copilot then ignores `queue`
    queue = subscribe.get("queue")
    return isinstance(queue, dict) and bool(queue.get("dead_letter"))


def _question(service: Workload, queue: AddonQueue) -> str:
    lines = [f"Does {service.name} consume this queue, or only send to it?", _queue(queue)]
    return "\n".join(f"# {line}" for line in "\n".join(lines).splitlines())


def _is_only_backend(queue: AddonQueue, service: Workload, services: Sequence[Workload]) -> bool:
    """Return whether no other service without a load balancer reads the queue's address."""
    others = [other for other in services if other.type == BACKEND and other.name != service.name]
    return not any(consumed_by(other.manifest, [queue]) for other in others)


def _queue(queue: AddonQueue) -> str:
    lines = ["queue:", f"  name: {queue.name}"]
    if queue.dead_letters:
        lines.append(f"  dead_letters: {queue.dead_letters}")
    return "\n".join(lines)


def _scaling(service: Workload) -> str:
    count = service.manifest.get("count")
    if isinstance(count, dict) and count.get("range") and not count.get("queue_delay"):
        return (
            "# How many messages may wait before there are more tasks, within `count.range`?\n"
            "# scaling:\n#   queue_depth: {target: 100}"
        )
    return (
        "# To scale with the queue, give the manifest `count: {range: …}`, then:\n"
        "# scaling:\n#   queue_depth: {target: 100} # messages that may wait"
    )
