"""The longest window of an alarm: a day for periods under an hour, else seven days."""

import pytest

from ops.base.fields import check_window

HOUR = 3600


@pytest.mark.parametrize(
    ("period", "longest"), [(10, 8640), (60, 1440), (HOUR - 1, 24), (HOUR, 168), (24 * HOUR, 7)]
)
def test_the_longest_window_is_accepted_and_one_period_more_refused(
    period: int, longest: int
) -> None:
    check_window(period, longest, "it")
    with pytest.raises(ValueError, match="looks back too far: it is at most"):
        check_window(period, longest + 1, "it")
