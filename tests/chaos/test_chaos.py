"""A donation is accepted, charged and receipted once, whatever is killed."""

from pathlib import Path

import pytest

from tests.amply.support.services import absent
from tests.chaos.plan import Plan
from tests.chaos.run import run
from tests.chaos.stage.servers import NotHere


@pytest.mark.chaos
@pytest.mark.timeout(600)
def test_nothing_is_lost_or_done_twice(tmp_path: Path) -> None:
    # `make chaos` has other dice each time, and has Stripe go away: that takes a minute more.
    plan = Plan(donations=60, rate=10, seed=418830, outage=False)
    try:
        report = run(plan, tmp_path)
    except NotHere as error:
        absent(str(error), error)
        raise
    print(report)  # noqa: T201 - pytest shows it when the test fails
    assert not report.faults
