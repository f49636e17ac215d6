"""The statistics that CloudWatch accepts."""

import pytest

from ops.control.statistic import is_statistic, statistic_fields

KNOWN = [
    "Average",
    "Sum",
    "Minimum",
    "Maximum",
    "SampleCount",
    "IQM",
    "p0",
    "p50",
    "p99",
    "p99.9",
    "p100",
    "tm99",
    "tm99.99",
    "wm98",
    "tc90",
    "ts90",
    "TM(10%:90%)",
    "TM(2%:98%)",
    "TM(150:1000)",
    "TM(:95%)",
    "TM(80%:)",
    "WM(10%:90%)",
    "TC(0.005:0.030)",
    "TS(80%:)",
    "PR(:300)",
    "PR(100:2000)",
    "PR(10:)",
]
UNKNOWN = [
    "average",
    "Median",
    "iqm",
    "p",
    "pp99",
    "p101",
    "p-1",
    "p99%",
    "P99",
    "TM99",
    "tm",
    "tm101",
    "tm(10%:90%)",
    "TM()",
    "TM(:)",
    "TM(10%:90)",
    "TM(90%:10%)",
    "TM(10%:101%)",
    "TM(10%)",
    "PR(10%:90%)",
    "pr(1:2)",
    "PR99",
    "p0.12345678901",
]


@pytest.mark.parametrize("text", KNOWN)
def test_statistics_of_cloudwatch_are_taken(text: str) -> None:
    assert is_statistic(text)


@pytest.mark.parametrize("text", UNKNOWN)
def test_others_are_not(text: str) -> None:
    assert not is_statistic(text)


def test_only_the_plain_ones_are_a_statistic_of_an_alarm() -> None:
    assert statistic_fields("Sum") == {"Statistic": "Sum", "ExtendedStatistic": None}
    assert statistic_fields("IQM") == {"Statistic": None, "ExtendedStatistic": "IQM"}
