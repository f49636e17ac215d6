"""A burst of donations, on a laptop: the queue grows, an alarm fires, workers are added, it drains.

The burst lasts until the policy has acted, so the story does not depend on how fast a machine is.
"""

from __future__ import annotations

import json
import signal
import subprocess
import threading
from typing import TYPE_CHECKING, Any

import pytest

from tests.e2e.laptop import READY, Laptop, ops, read_until_ready
from tests.waiting import until

if TYPE_CHECKING:
    from collections.abc import Iterator

SPEED = 60
PATIENCE = 150.0
DONATION = {
    "amount": 5000,
    "currency": "EUR",
    "donor_email": "donor@example.org",
    "payment_method": "pm_card_visa",
}
ALARM = """
    queue-grows:
      summary: Messages wait.
      severity: page
      namespace: AWS/SQS
      metric: ApproximateNumberOfMessagesVisible
      dimensions: {QueueName: amply-staging-celery-queue}
      statistic: Maximum
      comparison: ">"
      threshold: 2
      evaluation_periods: 2
      missing_data: not-breaching
"""


class Story:
    """A running workspace, its donations, and the decisions of its control loop."""

    def __init__(self, laptop: Laptop) -> None:
        self.laptop = laptop
        self.donations: list[str] = []
        self._enough = threading.Event()
        self._donors = [threading.Thread(target=self._donate) for _ in range(8)]

    def begin(self) -> None:
        """Donate from now on."""
        for donor in self._donors:
            donor.start()

    def end(self) -> None:
        """Stop the donations."""
        self._enough.set()
        for donor in self._donors:
            donor.join()

    def decisions(self, kind: str, subject: str) -> list[dict[str, Any]]:
        """Return the decisions of a kind about a subject, given by the end of its name."""
        text = (self.laptop.root / ".ops" / "local" / "decisions.jsonl").read_text()
        entries = [json.loads(line) for line in text.splitlines()]
        return [e for e in entries if e["kind"] == kind and e["subject"].endswith(subject)]

    def counts(self) -> list[int]:
        """Return the desired counts that were set for the worker, in order."""
        found = self.decisions("scaling", "-worker")
        return [each["count"] for each in found if "count" in each]

    def states(self) -> list[str]:
        """Return the states that the alarm on the queue has entered."""
        return [each["after"] for each in self.decisions("alarm", "worker-queue-grows")]

    def _donate(self) -> None:
        while not self._enough.is_set():
            status, donation = self.laptop.ask("/donations", DONATION)
            if status == 201:
                self.donations.append(donation["id"])


@pytest.fixture
def story(laptop: Laptop) -> Iterator[Story]:
    """Yield a staging environment with a small target and an alarm on the queue."""
    settings = laptop.root / "copilot" / "worker" / "ops.yml"
    text = settings.read_text().replace("target: 100}", "target: 2}")
    settings.write_text(text.replace("\n  define:\n", f"\n  define:{ALARM}", 1))
    process = laptop.up("staging", "--speed", str(SPEED))
    printed = read_until_ready(process)
    assert READY in printed, printed
    story = Story(laptop)
    try:
        yield story
    finally:
        story.end()
        _stop(process)


def _stop(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGINT)
    rest, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, rest


@pytest.mark.stories
@pytest.mark.timeout(900)
def test_a_burst_is_worked_off_by_more_workers(story: Story) -> None:
    story.begin()
    until("the policy adds workers", story.counts, PATIENCE)
    until(
        "more than one worker runs",
        lambda: len(story.laptop.tasks("worker", "staging")) > 1,
        PATIENCE,
    )
    story.end()
    until("the alarm recovers", lambda: story.states()[-2:] == ["ALARM", "OK"], PATIENCE)
    until("the workers are removed", lambda: story.counts()[-1] == 1, PATIENCE)
    assert max(story.counts()) <= 4  # the manifest's range
    assert story.decisions("notification", "worker-queue-grows")
    until("every donation has succeeded", lambda: not unsettled(story), PATIENCE)
    assert "times as fast as real time" in clock(story)


def unsettled(story: Story) -> list[str]:
    """Return the donations that have not succeeded."""
    shown = ((each, story.laptop.ask(f"/donations/{each}")[1]) for each in story.donations)
    return [each for each, donation in shown if donation["status"] != "succeeded"]


def clock(story: Story) -> str:
    """Return what `ops local clock` prints."""
    done = subprocess.run(
        ops("local", "clock"), cwd=story.laptop.root, capture_output=True, text=True, check=True
    )
    return done.stdout
