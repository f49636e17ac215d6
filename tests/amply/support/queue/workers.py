"""Celery workers and beats for tests: real processes that use the stand-in for SQS."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from amply.base.settings import Settings
from amply.jobs.app import create_celery
from tests.amply.support.processes import Process, running
from tests.amply.support.queue.sqs_stand_in import StandIn

ROOT = Path(__file__).parents[4]
CELERY = ("celery", "-A", "tests.amply.support.queue.celery_app")


def said(text: str) -> Callable[[str], bool]:
    """Return whether a line contains this text."""
    return lambda line: text in line


def environment(stand_in: StandIn, home: Path, **more: str) -> dict[str, str]:
    """Return the environment of a service, with its temporary files in `home`."""
    return {
        **stand_in.environment,
        "DATABASE_URL": f"sqlite:///{home}/amply.db",
        "STRIPE_SECRET_KEY": "sk_test_1",
        "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'src'}",
        "TMPDIR": str(home),
        **more,
    }


@contextmanager
def worker(stand_in: StandIn, home: Path, *options: str, **more: str) -> Iterator[Process]:
    """A worker that consumes."""
    command = (*CELERY, "worker", "--loglevel=info", *options)
    polls = stand_in.calls["ReceiveMessage"]
    with running(command, environment(stand_in, home, **more), home) as process:
        process.wait_for(said(" ready."))
        stand_in.wait_until(lambda it: it.calls["ReceiveMessage"] > polls)
        yield process


def send(stand_in: StandIn, monkeypatch: pytest.MonkeyPatch, task: str, **arguments: str) -> None:
    """Put a task into the queue."""
    for name, value in stand_in.environment.items():
        monkeypatch.setenv(name, value)
    app = create_celery(Settings(celery_queue_url=stand_in.environment["CELERY_QUEUE_URL"]))
    app.send_task(task, kwargs=arguments)
    app.close()


def health(service: str, home: Path) -> subprocess.CompletedProcess[str]:
    """Return the exit code and output of the container health check."""
    return subprocess.run(
        [sys.executable, "-m", "amply.jobs.health", service],
        env={"TMPDIR": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )
