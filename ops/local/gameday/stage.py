"""The running embedded AWS that a story is played on."""

from __future__ import annotations

import json
import threading
import time
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ops.aws.access import Access
from ops.aws.client import Aws
from ops.base.errors import OpsError
from ops.local.endpoint.operations import call
from ops.local.gameday.evidence import Change, Evidence, Sample
from ops.local.gameday.load import Probe
from ops.local.metrics.clock import Clock
from ops.local.plane.journal import FILE
from ops.local.run import state
from ops.local.run.preflight import deployed
from ops.local.run.stack import service_stack

if TYPE_CHECKING:
    from ops.copilot.place import ServiceStack
    from ops.copilot.workspace import Workspace
    from ops.local.gameday.story import Story

ECS = Access(
    "ecs",
    reads=("DescribeServices", "DescribeTaskDefinition", "ListServiceDeployments"),
    writes=("RegisterTaskDefinition", "UpdateService"),
)
SQS = Access("sqs", reads=("GetQueueUrl", "GetQueueAttributes"), writes=("SendMessage",))
CLOUDWATCH = Access("cloudwatch", reads=("DescribeAlarms",))

_EVERY = 0.5
"""Seconds between two samples."""
ENDS = {
    "SUCCESSFUL": "COMPLETED",
    "ROLLBACK_SUCCESSFUL": "ROLLED_BACK",
    "ROLLBACK_FAILED": "FAILED",
    "STOPPED": "FAILED",
}
"""What a story calls the ends of a deployment, by the status of a service deployment."""
_DEPTH = "ApproximateNumberOfMessages"


class Stage:
    """The services, queues and decisions of a running workspace, watched while a story plays."""

    def __init__(self, workspace: Workspace, running: state.State, story: Story) -> None:
        self.workspace = workspace
        self.running = running
        self.variables = running.variables
        self.directory = state.directory_of(workspace.root)
        self.aws = Aws()
        self.ecs = self.aws.client(ECS)
        self.sqs = self.aws.client(SQS)
        self.cloudwatch = self.aws.client(CLOUDWATCH)
        self.evidence = Evidence()
        self.url = f"http://127.0.0.1:{self.variables['OPS_LOCAL_PORT']}"
        self._story = story
        environment = self.variables["OPS_ENV"]
        self._stacks: dict[str, ServiceStack] = {}
        for service in deployed(workspace):
            try:
                stack = service_stack(self.aws, workspace, environment, service.name)
            except OpsError:
                continue  # not of ECS
            self._stacks[service.name] = stack
        self._read = (self.directory / FILE).stat().st_size
        self._began = Clock.read(self.directory).now()
        self._probe = Probe(self.url, story.serving, self.evidence) if story.serving else None
        self._ending = threading.Event()
        self._watching = threading.Thread(target=self._watch, daemon=True)
        self._watching.start()

    def time(self) -> float:
        """Return the seconds of the control plane since the start."""
        return Clock.read(self.directory).now() - self._began

    def sleep(self, seconds: float) -> None:
        """Wait for seconds of the control plane."""
        until = self.time() + seconds
        while (left := until - self.time()) > 0:
            time.sleep(min(_EVERY, left / Clock.read(self.directory).speed))

    def stack(self, service: str) -> ServiceStack:
        """Return the stack of a service. Raise OpsError for an unknown one."""
        if service not in self._stacks:
            known = ", ".join(self._stacks)
            raise OpsError(f"No service `{service}` runs here", f"There are: {known}.")
        return self._stacks[service]

    def operate(self, operation: str, **arguments: object) -> Any:
        """Call an operation that AWS's API does not have."""
        return call(self.variables["AWS_ENDPOINT_URL"], operation, **arguments)

    def describe(self, service: str) -> Any:
        """Return ECS's description of a service."""
        stack = self.stack(service)
        answer = self.ecs.describe_services(cluster=stack.cluster, services=[stack.service])
        return answer["services"][0]

    def deployment(self, service: str) -> str:
        """Return the end of a service's newest deployment, or its status while it has none."""
        stack = self.stack(service)
        answer = self.ecs.list_service_deployments(cluster=stack.cluster, service=stack.service)
        status = str(answer["serviceDeployments"][0]["status"])
        return ENDS.get(status, status)

    def depth(self, queue: str) -> int:
        """Return how many messages are in a queue, visible or in flight."""
        url = self.sqs.get_queue_url(QueueName=queue)["QueueUrl"]
        names = (_DEPTH, f"{_DEPTH}NotVisible", f"{_DEPTH}Delayed")
        answer = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=list(names))
        return sum(int(answer["Attributes"][name]) for name in names)

    def alarm(self, ending: str) -> str:
        """Return the state of the alarm whose name has this ending. Raise OpsError without one."""
        for page in self.cloudwatch.get_paginator("describe_alarms").paginate(
            AlarmTypes=["MetricAlarm", "CompositeAlarm"]
        ):
            for described in [*page["MetricAlarms"], *page["CompositeAlarms"]]:
                if described["AlarmName"].endswith(ending):
                    return str(described["StateValue"])
        raise OpsError(f"No alarm is named …{ending}", "`ops alarms list` shows the names.")

    def note(self, text: str) -> None:
        """Add a step to the timeline."""
        entry = {"time": self.time(), "kind": "step", "subject": "", "text": text}
        self.evidence.entries.append(entry)

    def close(self) -> Evidence:
        """Stop watching, and return the observations."""
        self._ending.set()
        self._watching.join()
        self._sample()  # of the end, and of a story that was shorter than a pause
        if self._probe is not None:
            self._probe.stop()
        self._read_journal()
        return self.evidence

    def _watch(self) -> None:
        while not self._ending.wait(_EVERY):
            try:
                self._sample()
            except Exception as error:  # noqa: BLE001 - told in the timeline; the story goes on
                self.note(f"a sample is missing: {error}")

    def _sample(self) -> None:
        services = {name: self.describe(name) for name in self._stacks}
        self.evidence.samples.append(
            Sample(
                self.time(),
                {name: int(service["desiredCount"]) for name, service in services.items()},
                {name: int(service["runningCount"]) for name, service in services.items()},
                {name: self.depth(name) for name in self._story.queues},
            )
        )

    def _read_journal(self) -> None:
        """Read the decisions since the start of the story."""
        with (self.directory / FILE).open() as file:
            file.seek(self._read)
            decisions = [json.loads(line) for line in file]
        for decision in decisions:
            moment = datetime.fromisoformat(decision["time"]).timestamp() - self._began
            kind, subject, rule = (str(decision[name]) for name in ("kind", "subject", "rule"))
            if kind == "alarm":
                self.evidence.changes.append(Change(moment, subject, decision["after"]))
                rule = f"{decision['before']} → {decision['after']}: {rule}"
            elif decision.get("count") is not None:
                rule = f"{decision.get('desired')} → {decision['count']}: {rule}"
            entry = {"time": moment, "kind": kind, "subject": subject, "text": rule}
            self.evidence.entries.append(entry)
        self.evidence.entries.sort(key=lambda entry: float(entry["time"]))
