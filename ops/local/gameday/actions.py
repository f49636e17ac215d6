"""The steps of a story, carried out."""

from __future__ import annotations

import copy
import os
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

from ops.base.errors import OpsError
from ops.base.fields import as_duration
from ops.local.gameday import load as loads
from ops.local.gameday.story import meets
from ops.local.run.environment import of_process

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ops.local.gameday.stage import Stage
    from ops.local.gameday.story import Deploy, Interrupt, Kill, Load, Send, Step, Until

_TASK = ("family", "taskRoleArn", "executionRoleArn", "networkMode", "containerDefinitions",
         "volumes", "requiresCompatibilities", "cpu", "memory", "runtimePlatform",
         "ephemeralStorage")  # fmt: skip
"""What a task definition is registered with."""
_LOOK_AGAIN = 5.0
"""Seconds of the control plane between two looks at a condition."""
_LINES = 5


class Actions:
    """Carries out steps on a stage. `made` has the ids that loads have created."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self.made: list[str] = []
        self._started: list[subprocess.Popen[bytes]] = []

    def play(self, step: Step) -> None:
        """Carry out a step. Raise OpsError if it fails."""
        (name,) = step.given()
        action: Callable[[Any], None] = getattr(self, f"_{name}")
        self._stage.note(step.name or _words(name, getattr(step, name)))
        action(getattr(step, name))

    def close(self) -> None:
        """End the commands that still run."""
        for process in self._started:
            if process.poll() is None:
                process.terminate()
            process.wait()

    def run_command(self, command: Sequence[str]) -> str | None:
        """Run a command, and return its last lines if it fails."""
        environment = self._environment()
        if shutil.which(command[0], path=environment["PATH"]) is None:
            return f"The command `{command[0]}` is missing"
        done = subprocess.run(
            command, cwd=self._stage.workspace.root, env=environment,
            stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode == 0:
            return None
        lines = (done.stdout + done.stderr).strip().splitlines()[-_LINES:]
        return f"`{' '.join(command)}` ended with code {done.returncode}: {' / '.join(lines)}"

    def _load(self, load: Load) -> None:
        self.made += loads.send(self._stage.url, load, self._stage.evidence)

    def _interrupt(self, interrupt: Interrupt) -> None:
        self._stage.operate(
            "interrupt",
            service=self._stage.stack(interrupt.service).service,
            count=interrupt.count,
            without_capacity=interrupt.without_capacity,
        )

    def _kill(self, kill: Kill) -> None:
        service = self._stage.stack(kill.service).service
        if not self._stage.operate("kill", service=service, count=kill.count):
            raise OpsError(f"No task of `{kill.service}` runs that could be killed")

    def _fail(self, companion: str) -> None:
        self._stage.operate("fail", companion=companion)

    def _restore(self, companion: str) -> None:
        self._stage.operate("restore", companion=companion)

    def _deploy(self, deploy: Deploy) -> None:
        """Register a changed task definition, and update the service to it."""
        stack = self._stage.stack(deploy.service)
        name = self._stage.describe(deploy.service)["taskDefinition"]
        described: dict[str, Any] = self._stage.ecs.describe_task_definition(taskDefinition=name)
        definition = copy.deepcopy(described["taskDefinition"])
        main = definition["containerDefinitions"][0]
        if deploy.command is not None:
            main.pop("entryPoint", None)
            main["command"] = list(deploy.command)
        kept = [e for e in main.get("environment") or () if e["name"] not in deploy.variables]
        added = [{"name": name, "value": value} for name, value in deploy.variables.items()]
        main["environment"] = [*kept, *added]
        if deploy.cpu is not None:
            definition["cpu"] = str(deploy.cpu)
        changed = {key: definition[key] for key in _TASK if definition.get(key)}
        with self._stage.aws.writing():
            answer = self._stage.ecs.register_task_definition(**changed)
            self._stage.ecs.update_service(
                cluster=stack.cluster,
                service=stack.service,
                taskDefinition=answer["taskDefinition"]["taskDefinitionArn"],
            )

    def _desired(self, counts: dict[str, int]) -> None:
        with self._stage.aws.writing():
            for service, count in counts.items():
                stack = self._stage.stack(service)
                self._stage.ecs.update_service(
                    cluster=stack.cluster, service=stack.service, desiredCount=count
                )

    def _send(self, send: Send) -> None:
        url = self._stage.sqs.get_queue_url(QueueName=send.queue)["QueueUrl"]
        with self._stage.aws.writing():
            for _ in range(send.number):
                self._stage.sqs.send_message(QueueUrl=url, MessageBody=send.body)

    def _run(self, command: Sequence[str]) -> None:
        if failure := self.run_command(command):
            raise OpsError(failure)

    def _start(self, command: Sequence[str]) -> None:
        self._started.append(
            subprocess.Popen(
                command,
                cwd=self._stage.workspace.root,
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        )

    def _wait(self, seconds: float) -> None:
        self._stage.sleep(seconds)

    def _until(self, until: Until) -> None:
        deadline = self._stage.time() + until.within
        while missing := next(self._missing(until), None):
            if self._stage.time() > deadline:
                raise OpsError(f"Not within {as_duration(until.within)}: {missing}")
            self._stage.sleep(_LOOK_AGAIN)

    def _missing(self, until: Until) -> Iterator[str]:
        """Yield the conditions that are not true yet."""
        stage = self._stage
        yield from self._wrong_counts(until)
        for name, state in until.alarms.items():
            if (seen := stage.alarm(name)) != state:
                yield f"{name} is {seen}, not {state}"
        for service, rollout in until.deployment.items():
            if (seen := stage.deployment(service)) != rollout:
                yield f"the deployment of {service} is {seen}, not {rollout}"
        if until.command and (failure := self.run_command(until.command)):
            yield failure

    def _wrong_counts(self, until: Until) -> Iterator[str]:
        counts = {"desiredCount": until.desired, "runningCount": until.running}
        for key, conditions in counts.items():
            for service, condition in conditions.items():
                if not meets(condition, count := self._stage.describe(service)[key]):
                    yield f"the {key} of {service} is {count}, not {condition}"
        for queue, condition in until.queues.items():
            if not meets(condition, depth := self._stage.depth(queue)):
                yield f"{queue} holds {depth} messages, not {condition}"

    def _environment(self) -> dict[str, str]:
        variables = of_process(self._stage.variables, self._stage.directory / "bin")
        return {**variables, "OPS_LOCAL_URL": self._stage.url, "LANG": os.environ.get("LANG", "C")}


def _words(name: str, value: Any) -> str:
    if name == "wait":
        return f"wait {as_duration(value)}"
    given = value.model_dump(exclude_defaults=True) if hasattr(value, "model_dump") else value
    if isinstance(given, tuple):
        given = " ".join(given)
    if isinstance(given, dict):
        given = ", ".join(f"{key} {item}" for key, item in given.items() if key != "body")
    return f"{name} {given}"
