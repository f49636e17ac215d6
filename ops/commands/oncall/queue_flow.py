"""How the commands of `ops queue` find their queue, ask before they touch it, and report."""

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
from ops.copilot.services import Wanted, read_wanted
from ops.copilot.stacks import NotDeployedError
from ops.oncall.logs.remote import Logs
from ops.oncall.queue.failures import failures
from ops.oncall.queue.holding import looked_at
from ops.oncall.queue.lines import outcome_as_data, outcome_as_text
from ops.oncall.queue.made import with_made_queues
from ops.oncall.queue.message import Message
from ops.oncall.queue.redrive import Outcome, Plan
from ops.oncall.queue.remote import Queues
from ops.oncall.queue.state import QueueState
from ops.oncall.queue.which import Which, queues_of, the_queue
from ops.plan.output.text import as_json


@dataclass(frozen=True)
class Asked:
    """The queue that a command is about, as it is now."""

    wanted: Wanted
    which: Which
    aws: Aws
    queues: Queues
    state: QueueState

    @property
    def dead_letters(self) -> str:
        """The name of its dead-letter queue. Raises OpsError when it has none."""
        return self.which.dead_letters_of(self.state)

    @property
    def dead_count(self) -> int:
        """How many dead letters there are, as far as SQS says."""
        return self.state.dead or 0

    def dead_state(self) -> QueueState:
        """Its dead-letter queue, as it is now."""
        return self.queues.state(self.dead_letters)


def _read(options: Options, service: str | None) -> Wanted:
    names = [service] if service else []
    return read_wanted(options.workspace, options.application, options.environment, names)


def asked(options: Options, service: str | None, name: str | None) -> Asked:
    """Find the queue of a service, or by its name; files first, then AWS."""
    wanted = _read(options, service)
    for problem in wanted.problems:
        raise problem  # which queue is meant must not be guessed
    aws = Aws(options.profile, options.region)
    confirm(aws, wanted.workspace, wanted.environment)  # no stack is read that would tell
    wanted = with_made_queues(wanted, aws)
    for problem in wanted.problems if name is None else ():
        # What is not deployed has no queue, which is no reason not to show another's.
        if service or not isinstance(problem, NotDeployedError) or not queues_of(wanted.workloads):
            raise problem
    which = the_queue(wanted.workloads, name)
    queues = Queues(aws)
    state = queues.state(which.name, dead_letters=which.dead_letters)
    return Asked(wanted, which, aws, queues, state)


def states(
    options: Options, service: str | None, name: str | None
) -> tuple[list[QueueState], list[OpsError]]:
    """One queue, or all that the services consume, side by side, and what could not be read."""
    aws = Aws(options.profile, options.region)
    wanted = _read(options, service)
    confirm(aws, wanted.workspace, wanted.environment)
    wanted = with_made_queues(wanted, aws)
    chosen = queues_of(wanted.workloads)
    if service or name or not chosen:
        for problem in wanted.problems if name is None else ():
            raise problem
        chosen = [the_queue(wanted.workloads, name)]
    queues = Queues(aws)

    def state(which: Which) -> QueueState | OpsError:
        try:
            return queues.state(which.name, clock.now(), which.dead_letters)
        except (OpsError, *AwsError) as error:
            return explain(error)

    answers = side_by_side(state, chosen)
    found = [each for each in answers if isinstance(each, QueueState)]
    problems = [each for each in answers if isinstance(each, OpsError)]
    return found, [*wanted.problems, *problems]


def ask_before_peek(state: QueueState, *, yes: bool) -> None:
    """Ask where a look may be the delivery after which a message is dead."""
    if state.max_receives is not None and not yes:
        ask(
            f"A look counts as a delivery, and after {state.max_receives} a message goes to "
            f"{state.dead_letters}. Look all the same?"
        )


def ask_before_purge(state: QueueState, said: str | None) -> None:
    """Have the queue's name typed. Raises OpsError for anything else."""
    if said is None and not sys.stdin.isatty():
        raise OpsError(
            "Nothing was deleted: this asks for the queue's name, and here is nobody to ask",
            f"Add --yes-purge {state.name}.",
        )
    question = f"This deletes {number(state.messages, 'message')} of {state.name}. Type its name"
    typed = click.prompt(question, err=True) if said is None else said
    if typed != state.name:
        raise OpsError(f"Nothing was deleted: the queue is called {state.name}, not {typed}")


def dead_letters_looked_at(
    it: Asked, most: int
) -> tuple[list[Message], dict[str, str], list[OpsError]]:
    """Dead letters, and the exceptions of their tasks from the consumers' logs."""
    watched = progress("reading", min(it.dead_count, most))
    with (
        it.aws.writing(),
        watched as told,
        looked_at(it.queues, it.dead_letters, most, told) as messages,
    ):
        found = list(messages)
    if not it.which.consumers or not any(each.task for each in found):
        return found, {}, []
    deployed = it.wanted.deployed(it.aws)
    consumers = {
        name: group for name, group in deployed.log_groups.items() if name in it.which.consumers
    }
    exceptions, problems = failures(Logs(it.aws, consumers), found)
    return found, dict(exceptions), [*deployed.problems, *problems]


def report(outcome: Outcome, plan: Plan, *, as_data: bool) -> None:
    """Say what a redrive came to, also one that was interrupted."""
    if as_data:
        click.echo(as_json(outcome_as_data(outcome, plan)))
    else:
        click.echo(outcome_as_text(outcome, plan))


def end(outcome: Outcome, plan: Plan) -> None:
    """Leave with 1 for what could not be sent. Raises OpsError for what order holds back."""
    if outcome.behind:
        raise OpsError(
            f"{number(outcome.behind, 'dead letter')} of {plan.dead_letters} cannot be chosen "
            "from: in a FIFO queue, whose order is kept, they are behind those that stay",
            "Send all in their order, without --task, or delete those before them.",
        )
    raise click.exceptions.Exit(1 if outcome.refused or outcome.doubled else 0)
