"""Peeking and redriving, on queues that can be interrupted at any call."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops.oncall.queue.holding import looked_at
from ops.oncall.queue.message import Message
from ops.oncall.queue.redrive import Outcome, Plan, redrive
from tests.ops.oncall.queue.celery_messages import celery_message

DEAD, QUEUE = "dead", "queue"


class StoppedError(Exception):
    """An interruption, such as Ctrl-C or a lost connection."""


@dataclass
class Queues:
    """Two queues with messages by id. After `calls` more calls, everything stops."""

    dead: dict[str, Message]
    calls: int = 1_000_000
    refuses: frozenset[str] = frozenset()
    keeps: frozenset[str] = frozenset()  # cannot be deleted
    repeats: bool = False  # show hidden messages again, as once their time is over
    hidden: set[str] = field(default_factory=set)
    sent: list[str] = field(default_factory=list)
    at_once: list[int] = field(default_factory=list)
    name: str = DEAD

    def _count(self) -> None:
        self.calls -= 1
        if self.calls < 0:
            raise StoppedError

    def receive(self, name: str, count: int, hidden_for: int) -> list[Message]:
        self._count()
        assert name == self.name
        assert hidden_for > 0
        found = [m for m in self.dead.values() if self.repeats or m.id not in self.hidden][:count]
        self.hidden.update(each.id for each in found)
        return found

    def release(self, name: str, messages: Sequence[Message]) -> None:
        assert name == self.name
        self.hidden -= {each.id for each in messages}

    def send(self, name: str, messages: Sequence[Message]) -> dict[str, str]:
        self._count()
        assert name == QUEUE
        taken = [each for each in messages if each.id not in self.refuses]
        self.sent += [each.body for each in taken]
        self.at_once.append(len(messages))
        return {each.id: f"new-{each.id}" for each in taken}

    def delete(self, name: str, messages: Sequence[Message]) -> int:
        self._count()
        assert name == self.name
        gone = [each for each in messages if each.id not in self.keeps]
        for each in gone:
            del self.dead[each.id]
        return len(gone)


def letters(count: int) -> dict[str, Message]:
    return {f"m{at}": Message(f"m{at}", f"h{at}", f"body {at}") for at in range(count)}


def plan(most: int = 1000, rate: float = 100.0, task: str | None = None) -> Plan:
    return Plan(DEAD, QUEUE, most, rate, task)


def run(queues: Queues, how: Plan) -> tuple[Outcome, list[float]]:
    outcome, waits = Outcome(), list[float]()
    redrive(how, queues, outcome, waits.append)
    return outcome, waits


@given(st.integers(0, 35), st.integers(0, 20))
def test_whenever_it_stops_no_message_is_lost(count: int, calls: int) -> None:
    queues = Queues(letters(count), calls=calls)
    outcome = Outcome()
    try:
        redrive(plan(), queues, outcome, lambda _: None)
    except StoppedError:
        pass
    else:
        assert not queues.dead
    bodies = {each.body for each in letters(count).values()}
    assert set(queues.sent) | {each.body for each in queues.dead.values()} == bodies
    assert len(queues.sent) == len(set(queues.sent))
    assert not queues.hidden & set(queues.dead)
    assert outcome.sent == len(queues.sent)


def test_a_second_run_goes_on_and_doubles_at_most_one_batch() -> None:
    queues = Queues(letters(25), calls=5)  # stops before the second batch is deleted
    with pytest.raises(StoppedError):
        run(queues, plan())
    queues.calls = 1000
    run(queues, plan())
    assert not queues.dead
    doubled = [body for body in set(queues.sent) if queues.sent.count(body) > 1]
    assert 0 < len(doubled) <= 10


@pytest.mark.parametrize(("rate", "burst"), [(100.0, 10), (3.5, 3), (0.5, 1)])
def test_it_keeps_to_its_rate(rate: float, burst: int) -> None:
    queues = Queues(letters(25))
    outcome, waits = run(queues, plan(rate=rate))
    assert outcome.sent == 25
    assert max(queues.at_once) == burst
    assert sum(waits) == pytest.approx(25 / rate)


def test_it_stops_at_its_limit() -> None:
    queues = Queues(letters(25))
    assert run(queues, plan(most=12))[0].sent == 12
    assert len(queues.dead) == 13
    assert not queues.hidden & set(queues.dead)


def test_other_tasks_stay_and_show_up_again() -> None:
    queues = Queues(letters(25))
    outcome, _ = run(queues, plan(task="shop.charge"))
    assert (outcome.sent, outcome.left) == (0, 25)
    assert len(queues.dead) == 25
    assert not queues.hidden


def test_another_queues_dead_letters_stay() -> None:
    """A message names the queue that it comes from.

    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html
    """
    arn = "arn:aws:sqs:eu-central-1:123456789012:"
    mine, other = ({"DeadLetterQueueSourceArn": arn + name} for name in (QUEUE, "other"))
    dead = {
        "m1": Message("m1", "h1", "mine", system=mine),
        "m2": Message("m2", "h2", "other's", system=other),
        "m3": Message("m3", "h3", "not told"),
    }
    queues = Queues(dead)
    assert run(queues, plan())[0].left == 1
    assert (queues.sent, list(queues.dead)) == (["mine", "not told"], ["m2"])


def test_hidden_messages_that_show_up_again_hide_no_other_and_it_ends() -> None:
    """Check messages whose timeout passes during a slow redrive; SQS returns them in any order."""

    class Slow(Queues):
        def receive(self, name: str, count: int, hidden_for: int) -> list[Message]:
            found = super().receive(name, 1000, hidden_for)
            begin = self.calls * 3 % len(found)
            return [*found[begin:], *found[:begin]][:count]

    queues = Slow(letters(40), repeats=True)
    assert run(queues, plan(task="shop.charge"))[0].left == 40


def test_no_message_of_a_fifo_group_overtakes_one_that_stays() -> None:
    """Groups are `a` and `b`; a charge of `a` is behind a receipt."""
    letters = {
        id_: Message(id_, "h", body, system={"MessageGroupId": group})
        for id_, group, body in (
            ("m1", "a", celery_message("charge")),
            ("m2", "a", celery_message("receipt")),
            ("m3", "a", celery_message("charge")),
            ("m4", "b", celery_message("charge")),
        )
    }
    charges = Plan("dead.fifo", QUEUE, 100, 100.0, "charge", among=4)
    chosen = charges.chosen(list(letters.values()), set())
    assert [each.id for each in chosen] == ["m1", "m4"]
    unordered = replace(charges, dead_letters=DEAD)
    chosen = unordered.chosen(list(letters.values()), set())
    assert [each.id for each in chosen] == ["m1", "m3", "m4"]


@pytest.mark.parametrize(
    ("dead", "sent", "calls"),
    [("dead.fifo", ["b1", "c1", "c2"], [3, 1]), ("dead", ["b1", "a2", "c1", "a3", "c2"], [6])],
)
def test_nothing_overtakes_what_is_refused(dead: str, sent: list[str], calls: list[int]) -> None:
    """SQS refuses `a1`; groups are letters. Messages without an order are sent in one call."""
    names = ("a1", "b1", "a2", "c1", "a3", "c2")
    letters = {each: Message(each, "h", each, system={"MessageGroupId": each[0]}) for each in names}
    queues = Queues(letters, refuses=frozenset({"a1"}), name=dead)
    outcome, _ = run(queues, Plan(dead, QUEUE, 100, 100.0, among=6))
    assert queues.sent == sent
    assert queues.at_once == calls
    assert outcome == Outcome(sent=len(sent), refused=1, behind=5 - len(sent))
    assert list(queues.dead) == [each for each in names if each not in sent]
    assert not queues.hidden & set(queues.dead)


def test_what_is_refused_or_cannot_be_deleted_is_counted() -> None:
    queues = Queues(letters(5), refuses=frozenset({"m1"}), keeps=frozenset({"m2"}))
    outcome, _ = run(queues, plan())
    assert outcome == Outcome(sent=4, refused=1, left=0, doubled=1)
    assert set(queues.dead) == {"m1", "m2"}
    assert not queues.hidden & {"m1"}


def test_what_comes_back_dead_is_not_sent_again() -> None:
    class Failing(Queues):
        def delete(self, name: str, messages: Sequence[Message]) -> int:
            for each in messages:  # the worker fails again at once
                self.dead[f"new-{each.id}"] = Message(f"new-{each.id}", "h", each.body)
            return super().delete(name, messages)

    queues = Failing(letters(15))
    assert run(queues, plan())[0].sent == 15
    assert len(queues.dead) == 15


def test_messages_that_are_looked_at_are_released_also_after_an_error() -> None:
    queues = Queues(letters(25))
    with looked_at(queues, DEAD, 12) as found:
        assert len(found) == 12
        assert len(queues.hidden) == 12
    assert not queues.hidden
    queues.calls = 2
    with pytest.raises(StoppedError), looked_at(queues, DEAD, 25):
        pass
    assert not queues.hidden
