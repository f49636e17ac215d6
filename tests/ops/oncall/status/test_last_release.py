"""The last release in `ops status` and `ops why`, and why it went back."""

import pytest

from ops.aws.client import Aws
from ops.release.aws.journal import Journal
from ops.release.decisions.record import State
from tests.ops.conftest import Ops
from tests.ops.release.records import BEGAN, record

REASON = "web: it broke\n  task 12ab: Essential container in task exited"


@pytest.fixture
def released(deployed: dict[str, str]) -> None:
    aws = Aws()
    ended = record(("web",)).failing(REASON).ending(State.WENT_BACK, BEGAN)
    with aws.writing():
        Journal(aws, "shop", "prod").begin(ended)


def test_the_screen_tells_who_released_and_what_came_of_it(released: None, ops: Ops) -> None:
    screen = ops("status", "--env", "prod").out
    assert "last release: #7 release of v2: went back, by ada" in screen
    assert "web: it broke" in screen
    data = ops("status", "--env", "prod", "--output", "json").data["release"]
    assert (data["state"], data["reason"]) == ("went back", REASON)


def test_why_tells_all_of_the_reason_to_a_service_of_the_release(released: None, ops: Ops) -> None:
    assert "Essential container in task exited" in ops("why", "web", "--env", "prod").out
    assert "Last release" not in ops("why", "worker", "--env", "prod").out


def test_a_release_that_may_not_be_read_hides_nothing(
    released: None, ops: Ops, refused: list[str]
) -> None:
    refused.append("GetParametersByPath")
    run = ops("status", "--env", "prod")
    assert "last release: could not be read: AWS does not allow GetParametersByPath" in run.out
    assert "running /" in run.out
    assert run.code == 1
