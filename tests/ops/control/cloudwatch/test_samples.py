"""The statistics of one period."""

from __future__ import annotations

import pytest

from ops.control.cloudwatch.samples import Samples, least_samples, merged, samples_of


@pytest.mark.parametrize(
    ("statistic", "expected"),
    [
        ("SampleCount", 4),
        ("Sum", 10),
        ("Average", 2.5),
        ("Minimum", 1),
        ("Maximum", 4),
        ("p50", 2.5),
        ("p100", 4),
        ("IQM", 2.5),
        ("tm99", None),
    ],
)
def test_statistics(statistic: str, expected: float | None) -> None:
    assert samples_of([4, 1, 3, 2]).statistic(statistic) == expected


def test_the_interquartile_mean_leaves_out_whole_quarters() -> None:
    assert samples_of([0] * 101 + [1] * 202 + [2] * 101).statistic("IQM") == 1


def test_periods_are_merged_from_smaller_ones() -> None:
    whole = merged([samples_of([1, 2]), samples_of([6])])
    assert whole is not None
    assert (whole.count, whole.total, whole.least, whole.most) == (3, 9, 1, 6)
    assert whole.statistic("p50") == 2


def test_there_is_no_period_without_samples() -> None:
    assert merged([]) is None


def test_published_sums_have_no_percentiles() -> None:
    published = Samples(count=10, total=55, least=1, most=10)
    assert published.statistic("p50") is None
    assert published.statistic("Average") == 5.5
    both = merged([published, samples_of([3])])
    assert both is not None
    assert both.statistic("p50") is None


@pytest.mark.parametrize(
    ("statistic", "samples"), [("p99", 1000), ("p50", 20), ("p25", 40), ("Average", 0)]
)
def test_percentiles_need_samples(statistic: str, samples: float) -> None:
    """CloudWatch needs 10/(1-p) samples from the median up, and 10/p below."""
    assert least_samples(statistic) == pytest.approx(samples)
