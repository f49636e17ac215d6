"""The executions of state machines, each of which runs one task.

A time limit is one of real processes and counts real seconds; the pauses between retries go by the
clock of the control plane.
https://docs.aws.amazon.com/step-functions/latest/dg/connect-ecs.html
https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from ops.local.gaps.step_functions.definition import TASK_FAILED, TIMEOUT, Definition
from ops.local.gaps.step_functions.executions import end, note

if TYPE_CHECKING:
    from collections import Counter

    from moto.ecs.models import EC2ContainerServiceBackend
    from moto.stepfunctions.models import Execution, StateMachine, StepFunctionBackend

    from ops.local.fargate.tasks.task import Host
    from ops.local.gaps.ecs.tasks import EcsTask
    from ops.local.gaps.step_functions.definition import Retrier

_POLL = 0.1
_SERVICE = {"resourceType": "ecs", "resource": "runTask.sync"}


@dataclass(frozen=True)
class AttemptError(Exception):
    """The end of an attempt that may be tried again."""

    error: str
    cause: str


class Executions:
    """Runs each execution once, and stops the task of an aborted one."""

    def __init__(
        self, host: Host, states: StepFunctionBackend, ecs: EC2ContainerServiceBackend
    ) -> None:
        self._host = host
        self._states = states
        self._ecs = ecs
        self._lives: dict[str, asyncio.Task[None]] = {}

    def step(self) -> None:
        """Begin new executions, and abort those that were stopped or have lost their machine."""
        running = {
            execution.execution_arn: (machine, execution)
            for machine in list(self._states.state_machines)
            for execution in list(machine.executions)
            if execution.status == "RUNNING"
        }
        for arn, (machine, execution) in running.items():
            if arn not in self._lives:
                life = asyncio.create_task(self._run(machine, execution), name=execution.name)
                life.add_done_callback(self._report_fault)
                self._lives[arn] = life
        for arn, life in list(self._lives.items()):
            if life.done():
                del self._lives[arn]
            elif arn not in running:
                life.cancel()

    async def stop(self) -> None:
        """Abandon every execution."""
        lives = list(self._lives.values())
        for life in lives:
            life.cancel()
        await asyncio.gather(*lives, return_exceptions=True)

    async def _run(self, machine: StateMachine, execution: Execution) -> None:
        definition = Definition.of(machine.definition)
        try:
            async with asyncio.timeout(definition.timeout):
                await self._attempts(definition, machine, execution)
        except TimeoutError:
            end(execution, "TIMED_OUT", TIMEOUT, f"It ran longer than {definition.timeout:g} s")
        except AttemptError as failure:
            end(execution, "FAILED", failure.error, failure.cause)
        else:
            end(execution, "SUCCEEDED")
        self._host.plane.decide(
            "job",
            machine.name,
            f"its execution ended: {execution.status}",
            execution=execution.name,
        )

    async def _attempts(
        self, definition: Definition, machine: StateMachine, execution: Execution
    ) -> None:
        """Run the task until it succeeds. Raise AttemptError if nothing retries its failure."""
        clock = self._host.plane.clock
        retries = dict.fromkeys(definition.retriers, 0)
        entered = {"name": definition.state, "input": execution.execution_input}
        note(execution, "TaskStateEntered", stateEnteredEventDetails=entered)
        while True:
            try:
                await self._attempt(definition, machine, execution)
            except AttemptError as failure:
                details = {**_SERVICE, "error": failure.error, "cause": failure.cause}
                note(execution, "TaskFailed", taskFailedEventDetails=details)
                retrier = _retrier(retries, failure.error)
                if retrier is None:
                    raise
                retries[retrier] += 1
                pause = retrier.pause(retries[retrier])
                await asyncio.sleep(clock.real_seconds(clock.now() + pause))
            else:
                note(execution, "TaskSucceeded", taskSucceededEventDetails=dict(_SERVICE))
                exited = {"name": definition.state, "output": "{}"}
                note(execution, "TaskStateExited", stateExitedEventDetails=exited)
                return

    async def _attempt(
        self, definition: Definition, machine: StateMachine, execution: Execution
    ) -> None:
        """Run the task once, and stop it if the execution ends before it."""
        arguments = definition.arguments(_context(machine, execution))
        try:
            answer: Any = await asyncio.to_thread(
                self._host.clients.ecs.run_task, startedBy="AWS Step Functions", **arguments
            )
        except ClientError as error:
            raise AttemptError(f"ECS.{error.response['Error']['Code']}", str(error)) from None
        except BotoCoreError as error:
            raise AttemptError("States.Runtime", str(error)) from None
        arn = answer["tasks"][0]["taskArn"]
        output = json.dumps({"taskArn": arn})
        note(execution, "TaskSubmitted", taskSubmittedEventDetails={**_SERVICE, "output": output})
        record: Any = self._ecs.tasks[arn.split("/")[-2]][arn]
        try:
            while record.last_status != "STOPPED":  # noqa: ASYNC110 - as all of Fargate looks
                await asyncio.sleep(_POLL)
        finally:
            record.ask_to_stop("UserInitiated", f"The execution {execution.name} has ended")
            self._host.changed()
        if (failure := _failure(record)) is not None:
            raise failure

    def _report_fault(self, life: asyncio.Task[None]) -> None:
        fault = None if life.cancelled() else life.exception()
        if fault is not None:
            self._host.report(f"Fargate failed in execution {life.get_name()}: {fault!r}")


def _context(machine: StateMachine, execution: Execution) -> dict[str, str]:
    return {
        "Execution.Id": execution.execution_arn,
        "Execution.Name": execution.name,
        "StateMachine.Id": machine.arn,
        "StateMachine.Name": machine.name,
    }


def _retrier(retries: Counter[Retrier] | dict[Retrier, int], error: str) -> Retrier | None:
    """Return the first entry of `Retry` for an error, unless its retries are used up."""
    retrier = next((retrier for retrier in retries if retrier.covers(error)), None)
    return retrier if retrier is not None and retries[retrier] < retrier.attempts else None


def _failure(record: EcsTask) -> AttemptError | None:
    """Return the failure of a stopped task: an essential container that did not exit with 0."""
    essential = [container for container in record.containers if container.essential]
    if all(container.exit_code == 0 for container in essential):
        return None
    exits = {container.name: container.exit_code for container in essential}
    cause = {"taskArn": record.task_arn, "stoppedReason": record.stopped_reason, "exits": exits}
    return AttemptError(TASK_FAILED, json.dumps(cause))
