"""A donation is accepted, charged and receipted once, whatever is killed."""

import secrets
from pathlib import Path

import pytest

from tests.amply.services import absent
from tests.chaos.plan import Plan
from tests.chaos.run import run
from tests.chaos.servers import NotHere


@pytest.mark.chaos
@pytest.mark.timeout(600)
def test_nothing_is_lost_or_done_twice(tmp_path: Path) -> None:
    # `make chaos` also has Stripe go away: that takes a minute more, and is another story.
    seed = secrets.randbelow(10**6)
    plan = Plan(donations=60, rate=10, seed=seed, outage=False)
    try:
        report = run(plan, tmp_path)
    except NotHere as error:
        absent(str(error), error)
        raise
    print(report)  # noqa: T201 - pytest shows it when the test fails
    assert not report.faults
