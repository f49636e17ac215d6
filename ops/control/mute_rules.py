"""Alarm mute rules that CloudWatch refuses, beyond the sizes of its service model. Pure.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_Schedule.html
"""

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

SHORTEST, LONGEST = 1, 15 * 24 * 60  # minutes
_DURATION = re.compile(r"P(?=.)(?:(\d+)D)?(?:T(?=.)(?:(\d+)H)?(?:(\d+)M)?)?")
_AT = re.compile(r"at\(\d{4}-\d\d-\d\dT\d\d:\d\d\)")
_FIELD = r"[\d*,A-Z-]+"
_CRON = re.compile(rf"cron\({_FIELD} {_FIELD} {_FIELD} {_FIELD} {_FIELD}\)")


def duration_of(text: str) -> int | None:
    """Return the minutes of an ISO 8601 duration of days, hours and minutes; None for others."""
    match = _DURATION.fullmatch(text)
    if match is None:
        return None
    days, hours, minutes = (int(digits or 0) for digits in match.groups())
    return (days * 24 + hours) * 60 + minutes


def mute_rule_refusals(request: Mapping[str, Any], zones: Collection[str]) -> Iterator[str]:
    """Yield why a request of PutAlarmMuteRule is refused. `zones` are the IANA database's."""
    schedule = request["Rule"]["Schedule"]
    expression, zone = schedule["Expression"], schedule.get("Timezone", "UTC")
    if not _AT.fullmatch(expression) and not _CRON.fullmatch(expression):
        yield (
            f"The expression {expression} must be at(yyyy-MM-ddThh:mm) or cron(Minutes Hours "
            "Day-of-month Month Day-of-week) of digits, names, `*`, `-` and `,`"
        )
    minutes = duration_of(schedule["Duration"])
    if minutes is None or not SHORTEST <= minutes <= LONGEST:
        yield f"The duration {schedule['Duration']} must be from PT1M to P15D"
    if zone not in zones:
        yield f"The time zone {zone} does not exist"
    start, end = request.get("StartDate"), request.get("ExpireDate")
    if start is not None and end is not None and start >= end:
        yield "ExpireDate must be after StartDate"
