"""A new deployment of a service of the embedded AWS, watched to its end.

`copilot svc deploy --force` gives no reason and waits for ten minutes when the new code dies.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from ops.aws.access import Access
from ops.aws.client import Aws, code_of
from ops.base.errors import OpsError
from ops.local.run.stack import service_stack

if TYPE_CHECKING:
    from ops.copilot.place import ServiceStack
    from ops.copilot.workspace import Workspace

_ECS = Access(
    "ecs",
    reads=("DescribeServices", "DescribeTasks", "ListTasks"),
    writes=("UpdateService",),
)
_LOGS = Access("logs", reads=("GetLogEvents",))
_LINES = 8  # of a container that died
_LOOK_AGAIN = 0.3
_PATIENCE = 90.0


def restart_service(workspace: Workspace, environment: str, name: str) -> int:
    """Restart a service of the embedded AWS that the variables lead to.

    Return how many new tasks run. Raise OpsError for a service that is not deployed there, and
    with the reason when a new task dies.
    """
    aws = Aws()
    return _Restart(aws, service_stack(aws, workspace, environment, name)).run()


class _Restart:
    """The restart of one service."""

    def __init__(self, aws: Aws, stack: ServiceStack) -> None:
        self._aws = aws
        self._ecs = aws.client(_ECS)
        self._logs = aws.client(_LOGS)
        self._stack = stack

    def run(self) -> int:
        """Start the new tasks and return how many run once the old ones have ended.

        Raise OpsError as soon as a new task dies, with its reason and last lines; the old ones
        go on, and the circuit breaker ends the deployment.
        """
        with self._aws.writing():
            answer = self._ecs.update_service(
                cluster=self._stack.cluster, service=self._stack.service, forceNewDeployment=True
            )
        deployment = self._primary(answer["service"])["id"]
        deadline = time.monotonic() + _PATIENCE
        while time.monotonic() < deadline:
            answer = self._ecs.describe_services(
                cluster=self._stack.cluster, services=[self._stack.service]
            )
            service = answer["services"][0]
            primary = self._primary(service)
            if primary["id"] == deployment and _has_replaced(primary, service):
                return int(primary["runningCount"])
            self._check(deployment)
            time.sleep(_LOOK_AGAIN)
        raise OpsError(
            f"The new tasks of `{self._stack.service}` are not healthy after {_PATIENCE:.0f} s",
            "`ops local run -- ops status` shows what runs.",
        )

    def _primary(self, service: dict[str, Any]) -> dict[str, Any]:
        return next(
            deployment for deployment in service["deployments"] if deployment["status"] == "PRIMARY"
        )

    def _check(self, deployment: str) -> None:
        """Raise OpsError for a task of the deployment that the scheduler did not stop."""
        stopped = self._ecs.list_tasks(
            cluster=self._stack.cluster, startedBy=deployment, desiredStatus="STOPPED"
        )["taskArns"]
        if not stopped:
            return
        tasks = self._ecs.describe_tasks(cluster=self._stack.cluster, tasks=stopped)["tasks"]
        for task in tasks:
            if task.get("stopCode") == "ServiceSchedulerInitiated":
                continue
            lines = [
                line for container in task["containers"] for line in self._last(task, container)
            ]
            reason = task.get("stoppedReason") or "a task stopped"
            raise OpsError(
                "\n".join([f"The new code of `{self._stack.service}` dies: {reason}", *lines]),
                "Correct it and run this again. `ops local run -- ops status` shows what runs.",
            )

    def _last(self, task: dict[str, Any], container: dict[str, Any]) -> list[str]:
        """Return the last lines of a container that failed."""
        if not container.get("exitCode") or self._stack.log_group is None:
            return []
        identifier = task["taskArn"].rsplit("/", 1)[-1]
        try:
            events = self._logs.get_log_events(
                logGroupName=self._stack.log_group,
                logStreamName=f"copilot/{container['name']}/{identifier}",
                limit=_LINES,
            )["events"]
        except ClientError as error:
            if code_of(error) != "ResourceNotFoundException":
                raise
            return []
        return [f"  {event['message'].rstrip()}" for event in events]


def _has_replaced(primary: dict[str, Any], service: dict[str, Any]) -> bool:
    """Return whether the new tasks have taken over. The deployment may still watch its alarms."""
    others = (
        sum(deployment["runningCount"] for deployment in service["deployments"])
        - primary["runningCount"]
    )
    all_run = others == 0 < primary["desiredCount"] == primary["runningCount"]
    return bool(primary["rolloutState"] == "COMPLETED" or all_run)
