"""A failed release stays on the screen, even after ECS has rolled it back."""

from typing import Any

import pytest

from ops.oncall.logs.event import LogEvent
from ops.oncall.status.answers import last_line_of, stopped_of
from ops.oncall.status.releases import failure_of, with_task
from ops.oncall.status.screen import as_text
from ops.oncall.status.snapshot import Counts, Failure, Snapshot, Stopped
from tests.ops.oncall.status.moments import NOW, ago, deployment, said, state

ROLLED_BACK = (
    "(service api) has reached a steady state.",
    "(service api) (deployment ecs-svc/3) deployment completed.",
    "(service api) rolling back to deployment ecs-svc/3.",
    "(service api) (deployment ecs-svc/2) deployment failed: tasks failed to start.",
    "(service api) (deployment ecs-svc/1) deployment completed.",
)


def events(*messages: str) -> list[dict[str, Any]]:
    return [{"message": each, "createdAt": ago(minutes=at)} for at, each in enumerate(messages)]


def test_the_way_back_does_not_hide_the_failure() -> None:
    failure = failure_of(events(*ROLLED_BACK))
    assert failure == Failure("ecs-svc/2", ago(minutes=3), "tasks failed to start", True)


@pytest.mark.parametrize(
    "messages",
    [
        (),
        ROLLED_BACK[4:],
        ("(service api) (deployment ecs-svc/4) deployment completed.", *ROLLED_BACK),
    ],
)
def test_a_release_that_went_well_is_none(messages: tuple[str, ...]) -> None:
    assert failure_of(events(*messages)) is None


def test_without_a_way_back() -> None:
    failure = failure_of(events(ROLLED_BACK[3]))
    assert failure is not None
    assert not failure.is_rolled_back


def test_its_tasks_tell_the_revision() -> None:
    old, new = (
        stopped_of(
            {
                "taskArn": f"arn:aws:ecs:eu-central-1:123456789012:task/shop/{name}",
                "taskDefinitionArn": "arn:aws:ecs:eu-central-1:1:task-definition/shop-api:8",
                "startedBy": "ecs-svc/2",
                "stopCode": "EssentialContainerExited",
                "stoppedReason": "Essential container in task exited",
                "stoppedAt": when,
                "containers": [{"name": "side", "exitCode": 0}, {"name": "api", "exitCode": 3}],
            }
        )
        for name, when in (("old", ago(minutes=9)), ("new", ago(minutes=2)))
    )
    assert old is not None
    assert new is not None
    other = Stopped(ago(minutes=1), "Spot", deployment="ecs-svc/1")
    failure, last = with_task(Failure("ecs-svc/2", None, "x", True), [old, new, other])
    assert (failure.revision, last) == ("shop-api:8", new)
    assert (new.task, new.container) == ("new", "api")
    assert with_task(Failure("ecs-svc/9", None, "x", True), [old])[1] is None


def line(message: str) -> LogEvent:
    return LogEvent(0, "api", "copilot/api/1", "", message)


@pytest.mark.parametrize(
    ("messages", "last"),
    [
        (["starting", "ValueError: no DATABASE_URL", "  "], "ValueError: no DATABASE_URL"),
        (
            ['{"message": "boot failed", "exception": "Traceback\\n  x\\nKeyError: \'A\'"}'],
            "boot failed: KeyError: 'A'",
        ),
        ([], None),
        ([""], None),
    ],
)
def test_what_was_logged_last_in_a_line(messages: list[str], last: str | None) -> None:
    assert last_line_of([line(each) for each in messages]) == last


def test_the_screen_and_the_reasons_say_it() -> None:
    failure = Failure("ecs-svc/2", ago(minutes=3), "tasks failed to start", True, "shop:8", "boom")
    failed = state(counts=Counts(5, 5, 0, (deployment(),), "", failure))
    text = said(failed)
    assert "The deployment of shop:8 failed 3 min ago: tasks failed to start. ECS rolled it" in text
    assert "Last log line of its last task: boom" in text
    shown = as_text(Snapshot("shop", "prod", NOW, (failed,)))
    assert (
        "the last deployment of shop:8 failed and was rolled back, 3 min ago: tasks failed" in shown
    )
    assert "last log line: boom" in shown


def test_the_screen_shows_the_task_that_stopped_last() -> None:
    stopped = (Stopped(ago(minutes=9), "Out of memory"), Stopped(ago(minutes=2), "Spot"))
    shown = as_text(Snapshot("shop", "prod", NOW, (state(stopped=stopped),)))
    assert "stopped    2 min ago: Spot (2 tasks within the hour)" in shown
