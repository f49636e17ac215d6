"""CloudWatch's statistics. Pure.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html
"""

import re

PLAIN = ("Average", "Sum", "Minimum", "Maximum", "SampleCount")  # `Statistic` of an alarm
EXAMPLES = f"{', '.join(PLAIN)}, IQM, p99, tm99, wm98, tc90, ts90, TM(10%:90%) or PR(100:2000)"

_NUMBER = r"\d+(?:\.\d{1,10})?"  # at most ten decimal places
_SINGLE = re.compile(rf"(?:p|tm|wm|tc|ts)({_NUMBER})")
_RANGE = re.compile(rf"(PR|TM|WM|TC|TS)\(({_NUMBER})?(%)?:({_NUMBER})?(%)?\)")


def is_statistic(text: str) -> bool:
    """Return whether CloudWatch has this statistic.

    Abbreviations of one number are lower case and percentages; ranges are upper case, of
    percentages or of values, and may leave one bound open. PR ranks values, never percentages.
    """
    return text in PLAIN or is_extended(text)


def is_extended(text: str) -> bool:
    """Return whether an alarm takes this statistic as its `ExtendedStatistic`."""
    if text == "IQM":
        return True
    if single := _SINGLE.fullmatch(text):
        return float(single[1]) <= 100
    match = _RANGE.fullmatch(text)
    return match is not None and _is_range(*match.groups())


def statistic_fields(statistic: str) -> dict[str, str | None]:
    """Return the two parameters of PutMetricAlarm that specify a statistic."""
    plain = statistic in PLAIN
    return {
        "Statistic": statistic if plain else None,
        "ExtendedStatistic": None if plain else statistic,
    }


def _is_range(
    name: str, low: str | None, low_sign: str | None, high: str | None, high_sign: str | None
) -> bool:
    bounds = [
        (bound, sign) for bound, sign in ((low, low_sign), (high, high_sign)) if bound or sign
    ]
    if not bounds or any(bound is None for bound, _ in bounds):
        return False
    signs = {sign for _, sign in bounds}
    numbers = [float(bound) for bound, _ in bounds if bound is not None]
    if len(signs) > 1 or numbers != sorted(set(numbers)):
        return False
    return signs == {None} or (name != "PR" and numbers[-1] <= 100)
