"""Finding the queue, asking for confirmation and reporting, for the commands of `ops queue`."""

import sys
from dataclasses import dataclass

import click

from ops.aws.client import Aws, AwsError, explain, side_by_side
from ops.base import clock
from ops.base.errors import OpsError
from ops.base.words import number
from ops.commands.options import Options
from ops.commands.terminal import ask, progress
from ops.copilot.environments import confirm
from ops.copilot.services import RequestedServices, read_requested
from ops.copilot.stacks import NotDeployedError
from ops.oncall.logs.remote import Logs
from ops.oncall.queue.copilot_queues import with_copilot_queues
from ops.oncall.queue.failures import failures
from ops.oncall.queue.holding import looked_at
from ops.oncall.queue.lines import outcome_as_data, outcome_as_text
from ops.oncall.queue.message import Message
from ops.oncall.queue.redrive import Outcome, Plan
from ops.oncall.queue.remote import Queues
from ops.oncall.queue.selection import SelectedQueue, queues_of, the_queue
from ops.oncall.queue.state import QueueState
from ops.plan.output.text import as_json


@dataclass(frozen=True)
class QueueContext:
    """The queue that a command is about, in its current state."""

    requested: RequestedServices
    selected: SelectedQueue
    aws: Aws
    queues: Queues
    state: QueueState

    @property
    def dead_letters(self) -> str:
        """Return the dead-letter queue's name. Raise OpsError if none is configured."""
        return self.selected.dead_letters_of(self.state)

    @property
    def dead_count(self) -> int:
        """Return SQS's count of dead letters."""
        return self.state.dead or 0

    def dead_state(self) -> QueueState:
        """Return the current state of the dead-letter queue."""
        return self.queues.state(self.dead_letters)


def _read(options: Options, service: str | None) -> RequestedServices:
    names = [service] if service else []
    return read_requested(options.workspace, options.application, options.environment, names)


def find_queue(options: Options, service: str | None, name: str | None) -> QueueContext:
    """Find the queue of a service, or by its name; read the files first, then AWS."""
    requested = _read(options, service)
    for problem in requested.problems:
        raise problem  # the queue must not be guessed
    aws = Aws(options.profile, options.region)
    confirm(aws, requested.workspace, requested.environment)
    requested = with_copilot_queues(requested, aws)
    for problem in requested.problems if name is None else ():
        # A service that is not deployed has no queue; this must not hide another's.
        if (
            service
            or not isinstance(problem, NotDeployedError)
            or not queues_of(requested.workloads)
        ):
            raise problem
    selected = the_queue(requested.workloads, name)
    queues = Queues(aws)
    state = queues.state(selected.name, dead_letters=selected.dead_letters)
    return QueueContext(requested, selected, aws, queues, state)


def states(
    options: Options, service: str | None, name: str | None
) -> tuple[list[QueueState], list[OpsError]]:
    """Return one queue, or all that the services consume, and what could not be read."""
    aws = Aws(options.profile, options.region)
    requested = _read(options, service)
    confirm(aws, requested.workspace, requested.environment)
    requested = with_copilot_queues(requested, aws)
    chosen = queues_of(requested.workloads)
    if service or name or not chosen:
        for problem in requested.problems if name is None else ():
            raise problem
        chosen = [the_queue(requested.workloads, name)]
    queues = Queues(aws)

    def state(selected: SelectedQueue) -> QueueState | OpsError:
        try:
            return queues.state(selected.name, clock.now(), selected.dead_letters)
        except (OpsError, *AwsError) as error:
            return explain(error)

    answers = side_by_side(state, chosen)
    known = [answer for answer in answers if isinstance(answer, QueueState)]
    problems = [answer for answer in answers if isinstance(answer, OpsError)]
    return known, [*requested.problems, *problems]


def ask_before_peek(state: QueueState, *, yes: bool) -> None:
    """Ask for confirmation if a look may turn a message into a dead letter."""
    if state.max_receives is not None and not yes:
        ask(
            f"Each look counts as a delivery, and after {state.max_receives} a message moves to "
            f"{state.dead_letters}. Continue?"
        )


def ask_before_purge(state: QueueState, answer: str | None) -> None:
    """Ask the user to type the queue's name. Raise OpsError for anything else."""
    if answer is None and not sys.stdin.isatty():
        raise OpsError(
            "Nothing was deleted: stdin is not a terminal, so ops cannot ask for the queue's name",
            f"Pass --yes-purge {state.name}.",
        )
    question = f"This deletes {number(state.messages, 'message')} of {state.name}. Type its name"
    typed = click.prompt(question, err=True) if answer is None else answer
    if typed != state.name:
        raise OpsError(f"Nothing was deleted: the queue is called {state.name}, not {typed}")


def dead_letters_looked_at(
    context: QueueContext, most: int
) -> tuple[list[Message], dict[str, str], list[OpsError]]:
    """Read dead letters, and the exceptions of their tasks in the consumers' logs."""
    watched = progress("reading", min(context.dead_count, most))
    with (
        context.aws.writing(),
        watched as advance,
        looked_at(context.queues, context.dead_letters, most, advance) as messages,
    ):
        dead_letters = list(messages)
    if not context.selected.consumers or not any(message.task for message in dead_letters):
        return dead_letters, {}, []
    deployed = context.requested.deployed(context.aws)
    consumers = {
        name: deployed.log_groups[name]
        for name in deployed.log_groups
        if name in context.selected.consumers
    }
    exceptions, problems = failures(Logs(context.aws, consumers), dead_letters)
    return dead_letters, dict(exceptions), [*deployed.problems, *problems]


def report(outcome: Outcome, plan: Plan, *, as_data: bool) -> None:
    """Print the outcome of a redrive, also of an interrupted one."""
    if as_data:
        click.echo(as_json(outcome_as_data(outcome, plan)))
    else:
        click.echo(outcome_as_text(outcome, plan))


def end(outcome: Outcome, plan: Plan) -> None:
    """Exit with 1 if some messages could not be sent. Raise OpsError if FIFO order prevents it."""
    if outcome.behind:
        raise OpsError(
            f"{number(outcome.behind, 'dead letter')} of {plan.dead_letters} cannot be sent: in "
            "a FIFO queue, they wait behind messages that stay",
            "Send all of them, without --task, or delete the messages before them.",
        )
    raise click.exceptions.Exit(1 if outcome.refused or outcome.doubled else 0)
