"""Scheduled jobs."""

import re
from collections.abc import Iterator

from ops.check.finding import Hit, Severity
from ops.check.manifest.cron import aws_problem, copilot_problem
from ops.check.registry import rule
from ops.check.subject.model import Subject
from ops.check.subject.plain import dig, number, seconds
from ops.copilot.workload import JOB

_JOB = "https://aws.github.io/copilot-cli/docs/manifest/scheduled-job/"
_PRESETS = {"@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"}
_EVERY = "@every "

# Copilot hands on whatever has this in it: internal/pkg/deploy/cloudformation/stack,
# scheduled_job.go, awsScheduleRegexp.
_AWS = re.compile(r"(?:rate|cron)\(.*\)|none")

# A time zone, which Copilot reads and hands on as the first field: github.com/robfig/cron v3.
_ZONE = re.compile(r"^(?:CRON_)?TZ=\S* ")


@rule(Severity.ERROR, f"{_JOB}#on-schedule")
def job_schedule(subject: Subject) -> Iterator[Hit]:
    """A scheduled job has no schedule, or one that Copilot cannot read.

    Why: Copilot refuses the manifest.

    Fix: Write five cron fields, with `*` as one of the two days, or `@daily` or the like, `@every
    1h` in whole minutes, `rate(…)` or `cron(…)`.
    """
    for variant in subject.variants(JOB):
        schedule = dig(variant.data, "on", "schedule")
        written = schedule if isinstance(schedule, str) else ""
        if "$" in written or _AWS.search(written) or written in _PRESETS:
            continue
        if written.startswith(_EVERY):
            problem = _of_interval(written)
        elif written:
            problem = copilot_problem(_ZONE.sub("", written).split())
        else:
            problem = "`on.schedule` is missing"
        if problem:
            yield variant.hit(("on", "schedule"), problem)


def _of_interval(written: str) -> str:
    """Return what is wrong with `@every 1h30m`, or an empty text."""
    every = seconds(written.removeprefix(_EVERY))
    if every is None or every < 60 or every % 60:
        return f"`{written}` is not a whole number of minutes"
    return ""


@rule(
    Severity.ERROR,
    "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html",
)
def job_schedule_of_aws(subject: Subject) -> Iterator[Hit]:
    """EventBridge does not accept a job's `rate(…)` or `cron(…)`, or its time zone.

    Why: The deployment fails: EventBridge refuses the rule.

    Fix: Write `rate(1 minute)` or `rate(5 minutes)`, or six cron fields with `?` as one of the two
    days, such as `cron(0 9 ? * MON-FRI *)`. Times are in UTC.
    """
    for variant in subject.variants(JOB):
        written = dig(variant.data, "on", "schedule")
        if not isinstance(written, str) or "$" in written or written == "none":
            continue
        if _ZONE.match(written):
            yield variant.hit(("on", "schedule"), "a rule of EventBridge has no time zone but UTC")
        elif _AWS.search(written) and (problem := aws_problem(written)):
            yield variant.hit(("on", "schedule"), problem)


@rule(Severity.ERROR, f"{_JOB}#timeout")
def job_timeout(subject: Subject) -> Iterator[Hit]:
    """A job's timeout is not a whole number of seconds, or is below one second.

    Why: Copilot refuses the manifest: there is no unit for days.

    Fix: Write a duration of whole seconds, such as `90s` or `1h30m`; a day is `24h`.
    """
    for variant in subject.variants(JOB):
        written = dig(variant.data, "timeout")
        if written in (None, "") or "$" in str(written) or isinstance(written, list | dict):
            continue
        timeout = seconds(str(written))
        if timeout is None or timeout < 1 or timeout % 1:
            yield variant.hit(("timeout",), f"`{written}` is not a duration of whole seconds")


@rule(Severity.ERROR, f"{_JOB}#retries")
def job_retries(subject: Subject) -> Iterator[Hit]:
    """A job has a negative number of retries.

    Why: Copilot refuses the manifest.

    Fix: Write 0 or more, or remove `retries`.
    """
    for variant in subject.variants(JOB):
        retries = number(dig(variant.data, "retries"))
        if retries is not None and retries < 0:
            yield variant.hit(("retries",), f"{retries} retries")


@rule(Severity.ERROR, f"{_JOB}#count")
def job_scaling(subject: Subject) -> Iterator[Hit]:
    """A job has a count that scales or uses Spot.

    Why: Copilot refuses the manifest: a job runs one task at a time.

    Fix: Remove `count`.
    """
    for variant in subject.variants(JOB):
        if isinstance(dig(variant.data, "count"), dict):
            yield variant.hit(("count",), "a Scheduled Job does not scale")
