"""The verdict on a workload: it depends only on what runs."""

from dataclasses import replace

import pytest

from ops.release.decisions.model import Image
from ops.release.decisions.verdict import Done, Ended, Failed, Seen, Service, Task, Waiting, judge
from tests.ops.release.records import V1, V2

GOOD = Seen(
    "UPDATE_COMPLETE",
    "v2",
    Service(
        2,
        (("web:2", "COMPLETED"),),
        "",
        (Task(V2.digest, "web:2", "HEALTHY"), Task(V2.digest, "web:2", "HEALTHY")),
        targets=2,
    ),
)
assert GOOD.service is not None
SERVICE: Service = GOOD.service
OK = Ended(0)


def having(**parts: object) -> Seen:
    return replace(GOOD, service=replace(SERVICE, **parts))  # type: ignore[arg-type]


def test_all_of_it_is_needed_to_be_done() -> None:
    assert judge(GOOD, V2, OK) == Done()
    old = Task(V1.digest, "web:1")
    not_yet = {
        "2 deployments": having(deployments=(("web:2", "COMPLETED"), ("web:1", "COMPLETED"))),
        "a rollout": having(deployments=(("web:2", "IN_PROGRESS"),)),
        "an old task": having(tasks=(*SERVICE.tasks, old)),
        "a task": having(tasks=SERVICE.tasks[:1]),
        "a healthy task": having(tasks=(SERVICE.tasks[0], Task(V2.digest, "web:2", "UNHEALTHY"))),
        "a healthy target": having(targets=1),
        "the stack's clean-up": replace(GOOD, stack="UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"),
    }
    for what, seen in not_yet.items():
        assert isinstance(judge(seen, V2, OK), Waiting), what
    assert isinstance(judge(GOOD, V2, None), Waiting)


def test_a_deployment_that_only_waits_for_its_alarms_says_so() -> None:
    watching = having(alarms=2, deployments=(("web:2", "IN_PROGRESS"),))
    seen = replace(watching, stack="UPDATE_IN_PROGRESS")
    assert judge(seen, V2, None) == Waiting(
        "stack UPDATE_IN_PROGRESS, 2 of 2 new tasks running, ECS watches 2 alarms for some minutes"
    )


def test_copilots_success_after_a_rollback_is_a_failure() -> None:
    """The Copilot CLI ends with 0 after CloudFormation has rolled back.

    https://github.com/aws/copilot-cli/issues/5296
    """
    old = having(
        deployments=(("web:1", "COMPLETED"),),
        tasks=(Task(V1.digest, "web:1"),) * 2,
        reason="ECS deployment circuit breaker: rolling back to deploymentId ecs-svc/1.",
    )
    for stack in ("UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"):
        verdict = judge(replace(old, stack=stack, tag="v1"), V2, OK)
        assert isinstance(verdict, Failed)
        assert "it runs v1, not v2" in verdict.why
        assert "circuit breaker" in verdict.why


def test_a_tag_that_was_moved_is_found_by_the_digest() -> None:
    seen = having(tasks=(Task("sha256:other", "web:2"),) * 2)
    assert judge(seen, V2, OK) == Failed("its tasks run sha256:other, not sha256:v2")


def test_a_task_may_report_the_image_of_its_platform() -> None:
    index = Image("v2", "sha256:index", frozenset({V2.digest}))
    assert judge(GOOD, index, OK) == Done()


def test_a_task_without_a_digest_is_known_by_its_revision() -> None:
    assert judge(having(tasks=(Task(None, "web:2"),) * 2), V2, OK) == Done()
    assert isinstance(judge(having(tasks=(Task(None, "web:1"),) * 2), V2, OK), Waiting)


@pytest.mark.parametrize("stack", ["UPDATE_ROLLBACK_IN_PROGRESS", "ROLLBACK_IN_PROGRESS"])
def test_a_rollback_fails_at_once(stack: str) -> None:
    assert isinstance(judge(replace(GOOD, stack=stack), V2, None), Failed)


def test_a_failed_command_is_told_in_its_own_words() -> None:
    assert judge(GOOD, V2, Ended(1, "no such secret")) == Failed("no such secret")
    assert judge(Seen(None, None), V2, Ended(1, "no app")) == Failed("no app")
    assert judge(replace(GOOD, stack="UPDATE_ROLLBACK_FAILED"), V2, OK) == Failed(
        "the stack is UPDATE_ROLLBACK_FAILED"
    )


def test_a_service_that_is_scaled_to_zero_is_known_by_its_task_definition() -> None:
    assert judge(having(desired=0, tasks=(), targets=0), V2, OK) == Done()


def test_a_job_has_no_tasks_to_wait_for() -> None:
    assert judge(Seen("UPDATE_COMPLETE", "v2"), V2, OK) == Done()
    assert isinstance(judge(Seen("UPDATE_COMPLETE", "v1"), V2, OK), Failed)
