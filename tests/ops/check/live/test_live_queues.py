"""`ops check --live` on the queues of an `ops.yml`, by SQS's answers."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from ops.check.files.reading import read_subject
from ops.check.run import check
from ops.check.subject.live import Live
from tests.ops.check.conftest import CLEAN, write

OPS_FILE = "queue:\n  name: jobs\n  dead_letters: jobs-dead\n"


def findings(root: Path, **policy: object) -> set[tuple[str, int]]:
    """Return the rules and lines of the findings for a queue with this redrive policy."""
    write(root, {**CLEAN, "copilot/worker/ops.yml": OPS_FILE})
    attributes = {"VisibilityTimeout": "120", "RedrivePolicy": json.dumps(policy)}
    live = Live("prod", queues={"jobs": attributes})
    found = check(replace(read_subject(root, environment="prod"), live=live)).findings
    return {(each.rule, each.line) for each in found}


def test_a_redrive_policy_of_one_attempt(tmp_path: Path) -> None:
    assert findings(tmp_path, maxReceiveCount=1) == {("queue-without-redrive", 2)}
    assert findings(tmp_path, maxReceiveCount=2) == set()


@pytest.mark.parametrize(
    ("target", "expected"),
    [("jobs-dead", set()), ("old-dead", {("dead-letters-elsewhere", 3)})],
)
def test_dead_letters_that_go_to_another_queue(
    tmp_path: Path, target: str, expected: set[tuple[str, int]]
) -> None:
    arn = f"arn:aws:sqs:eu-central-1:123456789012:{target}"
    assert findings(tmp_path, maxReceiveCount=5, deadLetterTargetArn=arn) == expected
