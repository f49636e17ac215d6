"""How fast a worker empties the queue: `python -m benchmarks.worker`.

On an SQS that answers each call in the same time, however deep its queue: Celery with its default
settings, kombu's transport with our settings and each polling interval, and what we run. They
take turns within one run, so that what else the machine does falls on all of them; the ratios
count, not the rates. Celery's own is bound by its pauses and ours by the processor, so the first
ratio is lower on a slow machine. Takes about three minutes; a limit that is not kept is exit code
1.
"""

import base64
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

from benchmarks.limits import Limit, report
from tests.amply.support.queue.sqs_stand_in import StandIn, running_in_thread

ROUNDS = 3
WARM_UP = 40  # messages, until each process of the pool has run a task
MESSAGES = {"celery": 40, "kombu-0.05": 500}  # slow enough for so few
MESSAGES_OF_OTHERS = 1500
SAME_PREFETCH = ("kombu-0", "kombu-0.02", "kombu-0.05")


@dataclass
class Result:
    """The results of all rounds with one setting."""

    rates: list[float] = field(default_factory=list)
    """Tasks a second."""
    calls: list[float] = field(default_factory=list)
    """SQS calls a task, the one that sent it included."""
    megabytes: float = 0.0
    """The largest resident set of its processes."""

    @property
    def rate(self) -> float:
        """The median of the rounds."""
        return statistics.median(self.rates)


def message() -> str:
    """Return a message as Celery sends it for a donation."""
    body = [[], {"donation_id": f"don_{uuid4().hex}"}, {}]
    task_id = str(uuid4())
    envelope = {
        "body": base64.b64encode(json.dumps(body).encode()).decode(),
        "content-encoding": "utf-8",
        "content-type": "application/json",
        "headers": {
            "lang": "py",
            "task": "benchmark.donation",
            "id": task_id,
            "root_id": task_id,
            "request_id": f"req_{uuid4().hex}",
            "retries": 0,
            "timelimit": [None, None],
        },
        "properties": {
            "correlation_id": task_id,
            "delivery_mode": 2,
            "delivery_info": {"exchange": "", "routing_key": "amply-celery-queue"},
            "body_encoding": "base64",
            "delivery_tag": str(uuid4()),
        },
    }
    return base64.b64encode(json.dumps(envelope).encode()).decode()


@contextmanager
def worker(stand_in: StandIn, settings: str) -> Iterator[int]:
    """Start a worker with these settings; yield its process id."""
    with tempfile.TemporaryDirectory() as home:
        environment = {
            **os.environ,
            **stand_in.environment,
            "BENCHMARK_SETTINGS": settings,
            "DATABASE_URL": f"sqlite:///{home}/amply.db",
            "STRIPE_SECRET_KEY": "sk_test_1",
            "TMPDIR": home,
        }
        command = [sys.executable, "-m", "celery", "-A", "benchmarks.worker_app"]
        process = subprocess.Popen(
            [*command, "worker", "--loglevel=info"],
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            yield process.pid
        finally:
            process.terminate()
            process.wait()


def drain(stand_in: StandIn, number: int) -> float:
    """Put messages into the queue; gives the seconds until the last is deleted."""
    wanted = stand_in.deleted + number
    started = time.perf_counter()
    stand_in.send([message() for _ in range(number)])
    while stand_in.deleted < wanted:
        time.sleep(0.002)
    return time.perf_counter() - started


def megabytes(pid: int) -> float:
    """Return the largest memory of a process or a child of it, in megabytes."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    statuses = (Path(f"/proc/{each}/status").read_text() for each in (str(pid), *children))
    return max(int(text.partition("VmRSS:")[2].split()[0]) / 1024 for text in statuses)


def measure(settings: str, result: Result) -> None:
    """Run one round."""
    number = MESSAGES.get(settings, MESSAGES_OF_OTHERS)
    with running_in_thread() as stand_in, worker(stand_in, settings) as pid:
        drain(stand_in, WARM_UP if settings != "celery" else 8)
        before = stand_in.calls.total()
        seconds = drain(stand_in, number)
        result.rates.append(number / seconds)
        result.calls.append(1 + (stand_in.calls.total() - before) / number)
        result.megabytes = max(result.megabytes, megabytes(pid))


def main() -> int:
    """Measure and print; return 1 if a limit is not kept."""
    results = {name: Result() for name in ("celery", *SAME_PREFETCH, "ours")}
    for _ in range(ROUNDS):
        for name, result in results.items():
            measure(name, result)
    ours, slow = results["ours"], results["celery"]
    print("settings     tasks/s   of Celery's own   calls/task   MB")  # noqa: T201
    for name, result in results.items():
        print(  # noqa: T201
            f"{name:<11} {result.rate:>8.0f} {result.rate / slow.rate:>15.1f} x"
            f" {statistics.median(result.calls):>12.2f} {result.megabytes:>6.0f}"
        )
    best = max(results[name].rate for name in SAME_PREFETCH)
    return report(
        [
            Limit("tasks/s against Celery's own", ours.rate / slow.rate, least=90),
            Limit("tasks/s against the best at this prefetch", ours.rate / best, least=0.9),
            Limit("calls a task", statistics.median(ours.calls), most=1.5),
            Limit("MB a process", ours.megabytes, most=120),
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
