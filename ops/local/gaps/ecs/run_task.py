"""Tasks without a service.

AWS: RunTask answers at once with tasks in PROVISIONING, which then run and stop; a container gets
the overrides of its command and environment; `propagateTags` copies the tags of the definition.
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RunTask.html

moto: each DescribeTasks advances the task's invented state; `propagateTags` is dropped.

Closed by a record with a request, which `ops.local.fargate.jobs` carries out. Tasks on EC2
instances stay moto's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moto.core.responses import ActionResult
from moto.ecs.exceptions import InvalidParameterException
from moto.ecs.responses import EC2ContainerServiceResponse

from ops.local.gaps.ecr.running_images import digest_of
from ops.local.gaps.ecs.tasks import (
    EcsContainer,
    EcsTask,
    TaskRequest,
    new_container_arn,
    new_task_arn,
    record,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from moto.ecs.models import TaskDefinition

_MOST = 10
"""Tasks that one call may start."""


def close() -> None:
    """Make RunTask return tasks that will run."""
    original = EC2ContainerServiceResponse.run_task
    if not getattr(original, "closes_gap", False):
        EC2ContainerServiceResponse.run_task = _running(original)  # type: ignore[method-assign]


def _running(original: Callable[..., ActionResult]) -> Callable[..., ActionResult]:
    def run_task(self: EC2ContainerServiceResponse) -> ActionResult:
        if self._get_param("launchType") in ("EC2", "EXTERNAL"):
            return original(self)
        count = self._get_int_param("count", 1)
        if not 1 <= count <= _MOST:
            raise InvalidParameterException(f"count should be between 1 and {_MOST}.")
        tasks = [_task(self) for _ in range(count)]
        for task in tasks:
            record(self.ecs_backend, task)
        return ActionResult({"tasks": tasks, "failures": []})

    run_task.closes_gap = True  # type: ignore[attr-defined]
    return run_task


def _task(call: EC2ContainerServiceResponse) -> EcsTask:
    backend = call.ecs_backend
    cluster = backend._get_cluster(call._get_param("cluster", "default"))
    definition = backend.describe_task_definition(call._get_param("taskDefinition"))
    arn = new_task_arn(cluster.arn)
    tags = list(call._get_param("tags") or ())
    if call._get_param("propagateTags") == "TASK_DEFINITION":
        named = {tag["key"] for tag in tags}
        tags += [tag for tag in definition.tags or () if tag["key"] not in named]
    strategy = call._get_param("capacityProviderStrategy") or []
    request = _request(call, definition)
    return EcsTask(
        task_arn=arn,
        cluster_arn=cluster.arn,
        task_definition_arn=definition.arn,
        group=call._get_param("group") or f"family:{definition.family}",
        started_by=call._get_param("startedBy") or "",
        cpu=definition.cpu,
        memory=definition.memory,
        launch_type="FARGATE",
        capacity_provider_name=strategy[0]["capacityProvider"] if strategy else None,
        tags=tags,
        containers=[_container(arn, raw) for raw in request.containers],
        request=request,
    )


def _container(task: str, raw: dict[str, Any]) -> EcsContainer:
    return EcsContainer(
        container_arn=new_container_arn(task),
        task_arn=task,
        name=raw["name"],
        image=raw["image"],
        image_digest=digest_of(raw["image"]),
        cpu=str(raw.get("cpu") or 0),
        memory=str(raw["memory"]) if raw.get("memory") else None,
        essential=raw.get("essential", True) not in (False, "false"),
    )


def _request(call: EC2ContainerServiceResponse, definition: TaskDefinition) -> TaskRequest:
    """Return the task to run: the definition's containers with the overrides of the call."""
    network = (call._get_param("networkConfiguration") or {}).get("awsvpcConfiguration") or {}
    overrides = (call._get_param("overrides") or {}).get("containerOverrides") or ()
    by_name = {override["name"]: override for override in overrides}
    known = {raw["name"] for raw in definition.container_definitions}
    if unknown := sorted(set(by_name) - known):
        raise InvalidParameterException(
            f"Override for container named {unknown[0]} is not a container in the TaskDefinition."
        )
    return TaskRequest(
        family=definition.family,
        containers=tuple(
            _overridden(raw, by_name.get(raw["name"], {}))
            for raw in definition.container_definitions
        ),
        subnets=tuple(network.get("subnets") or ()),
        security_groups=tuple(network.get("securityGroups") or ()),
    )


def _overridden(raw: dict[str, Any], override: dict[str, Any]) -> dict[str, Any]:
    changed = dict(raw)
    if override.get("command"):
        changed["command"] = override["command"]
    added = override.get("environment") or []
    names = {variable["name"] for variable in added}
    kept = [variable for variable in raw.get("environment") or () if variable["name"] not in names]
    return changed | {"environment": kept + added}
