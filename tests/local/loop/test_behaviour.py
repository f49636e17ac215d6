"""The embedded AWS answers every question of the behaviour kit as AWS does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.behaviour.case import Case, NotAskableError, Outcome, ask
from tests.behaviour.cases import CASES
from tests.behaviour.scaling import NAME
from tests.local.loop.world import World

if TYPE_CHECKING:
    from pathlib import Path

    from ops.local.endpoint.server import EmbeddedAws


class Product:
    """The embedded AWS as the world of a case; its time passes on request."""

    def __init__(self, world: World) -> None:
        self._world = world

    def client(self, service: str) -> Any:
        return self._world.client(service)

    def minutes(self, number: float) -> None:
        self._world.minutes(number)

    def run_tasks(self, number: int) -> None:
        self._world.moto_service().deployments[0]["rolloutState"] = "COMPLETED"
        self._world.run_tasks(number, NAME)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.rule)
def test_the_product_behaves_like_aws(case: Case, aws: EmbeddedAws, tmp_path: Path) -> None:
    world = World(aws, tmp_path)
    assert ask(case, Product(world)) == (Outcome.PASSED, "")
    assert not world.faults


def test_there_are_enough_cases_with_rules_of_their_own() -> None:
    rules = [case.rule for case in CASES]
    assert len(set(rules)) == len(rules) >= 80
    assert all(case.source.startswith("https://docs.aws.amazon.com/") for case in CASES)


def test_what_cannot_be_asked_is_no_failure() -> None:
    def question(_: object) -> None:
        raise NotAskableError("no time")

    assert ask(Case("r", "s", question), Product(None)) == (  # type: ignore[arg-type]
        Outcome.NOT_ASKABLE,
        "no time",
    )
