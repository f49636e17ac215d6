"""Names of queues in `ops.yml`: a name that SQS does not allow is refused with file and line."""

from pathlib import Path

import pytest

from tests.ops.conftest import Ops

_NOT_A_NAME = "must be the name of a queue: 1 to 80 letters"

_ALARM = """\
alarms:
  define:
    deep:
      summary: Deep.
      namespace: AWS/SQS
      metric: ApproximateNumberOfMessagesVisible
      threshold: 1
      missing_data: missing
      dimensions:
        QueueName: {}
"""


def _plan(ops: Ops, workspace: Path, text: str, kind: str = "alarms") -> str:
    (workspace / "copilot/worker/ops.yml").write_text(text)
    run = ops(kind, "plan", "--env", "prod")
    assert run.code == 1
    return run.err


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("https://sqs.eu-central-1.amazonaws.com/123456789012/jobs", "URL or ARN: write `jobs`"),
        ("arn:aws:sqs:eu-central-1:123456789012:jobs.fifo", "URL or ARN: write `jobs.fifo`"),
        ("my jobs", _NOT_A_NAME),
        ("'jobs '", _NOT_A_NAME),
        ("jobs.v2", _NOT_A_NAME),
        ("''", _NOT_A_NAME),
        (81 * "x", _NOT_A_NAME),
        (76 * "x" + ".fifo", _NOT_A_NAME),
        ("https://sqs.eu-central-1.amazonaws.com/123456789012/", _NOT_A_NAME),
    ],
)
@pytest.mark.parametrize(
    ("kind", "text", "place"),
    [
        ("alarms", "queue:\n  name: {}\n", "ops.yml:2: queue.name"),
        ("alarms", "queue:\n  name: a\n  dead_letters: {}\n", "ops.yml:3: queue.dead_letters"),
        (
            "scaling",
            "scaling:\n  queue_depth:\n    target: 1\n    queue: {}\n",
            "ops.yml:4: scaling.queue_depth.queue",
        ),
        (
            "alarms",
            _ALARM,
            "ops.yml:3: alarms.define.deep",
        ),
    ],
)
def test_what_is_no_name_is_refused(  # each is a parameter
    ops: Ops, workspace: Path, name: str, problem: str, kind: str, text: str, place: str
) -> None:
    told = _plan(ops, workspace, text.format(name), kind)
    if text == _ALARM and name == "''":  # no dimension's value is empty, whatever it names
        place, problem = "alarms.define.deep.dimensions.QueueName", "needs at least 1 characters"
    assert place in told
    assert problem in told


@pytest.mark.parametrize(
    ("queue", "problem"),
    [
        ("{name: jobs, dead_letters: jobs}", "names `jobs` as its own dead-letter queue"),
        ("{name: jobs.fifo, dead_letters: dead}", "that of a FIFO queue is a FIFO queue"),
        ("{name: jobs, dead_letters: dead.fifo}", "that of a standard queue a standard queue"),
    ],
)
def test_a_dead_letter_queue_is_another_of_the_same_kind(
    ops: Ops, workspace: Path, queue: str, problem: str
) -> None:
    told = _plan(ops, workspace, f"queue: {queue}\n")
    assert "copilot/worker/ops.yml:1: queue: " in told
    assert problem in told
