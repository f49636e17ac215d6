"""Pipelines and jobs."""

import re
from collections.abc import Iterator

from ops.check.finding import Hit, Severity
from ops.check.plain import dig, mapping, seconds
from ops.check.registry import rule
from ops.check.subject import Subject
from ops.copilot.workload import JOB
from ops.copilot.workspace.problems import did_you_mean

_PIPELINE = "https://aws.github.io/copilot-cli/docs/manifest/pipeline/"
_PROVIDERS = ("GitHub", "GitHubV1", "CodeCommit", "Bitbucket")
_AWS = re.compile(r"(rate|cron)\(.+\)|none")
_PRESETS = {"@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"}
_EVERY = "@every "


@rule(Severity.WARNING, _PIPELINE)
def unknown_stage(subject: Subject) -> Iterator[Hit]:
    """A pipeline deploys to an environment that has no manifest here, while others have one.

    Why: A stage's name is the environment's; `copilot pipeline deploy` fails where there is none.

    Mend: Correct the stage's name, or make the environment.
    """
    known = [each.name for each in subject.environments]
    for pipeline in subject.pipelines if known else ():
        stages = dig(pipeline.data, "stages")
        for index, stage in enumerate(stages if isinstance(stages, list) else ()):
            name = mapping(stage).get("name")
            if name is not None and name not in known:
                message = f"no environment `{name}` here; {did_you_mean(str(name), known)}"
                yield pipeline.hit(("stages", index, "name"), message)


@rule(Severity.ERROR, _PIPELINE)
def pipeline_provider(subject: Subject) -> Iterator[Hit]:
    """A pipeline's source is of a provider that Copilot does not know.

    Why: Copilot refuses the pipeline.

    Mend: Write GitHub, Bitbucket or CodeCommit.
    """
    for pipeline in subject.pipelines:
        found = dig(pipeline.data, "source", "provider")
        if found not in _PROVIDERS:
            message = f"the provider is `{found}`; {did_you_mean(str(found), _PROVIDERS)}"
            yield pipeline.hit(("source", "provider"), message)


@rule(Severity.ERROR, "https://aws.github.io/copilot-cli/docs/manifest/scheduled-job/#on-schedule")
def job_schedule(subject: Subject) -> Iterator[Hit]:
    """A scheduled job has no schedule, or one that Copilot cannot read.

    Why: Copilot refuses the manifest.

    Mend: Write five cron fields, of which one day is `*`, `@daily` or the like, `@every 1h` in
    whole minutes, or `rate(…)` or `cron(…)`.
    """
    for variant in subject.variants(JOB):
        found = dig(variant.data, "on", "schedule")
        written = found if isinstance(found, str) else ""
        if "$" in written or _AWS.fullmatch(written) or written in _PRESETS:
            continue
        if written.startswith(_EVERY):
            said = _of_interval(written)
        elif len(written.split()) == 5:
            said = _of_fields(*written.split())
        else:
            said = f"`{written}` is no schedule" if written else "`on.schedule` is missing"
        if said:
            yield variant.hit(("on", "schedule"), said)


def _of_interval(written: str) -> str:
    """What is wrong with `@every 1h30m`, if anything."""
    every = seconds(written.removeprefix(_EVERY))
    if every is None or every < 60 or every % 60:
        return f"`{written}` is no whole number of minutes"
    return ""


def _of_fields(minute: str, hour: str, day: str, month: str, weekday: str) -> str:
    """What is wrong with a schedule of cron, if anything.

    aws/copilot-cli, internal/pkg/deploy/cloudformation/stack/scheduled_job.go, toAWSCron.
    """
    if not set("*?") & set(day) and not set("*?") & set(weekday):
        return "both a day of the month and a day of the week"
    for written, least, most in (
        *((minute, 0, 59), (hour, 0, 23)),
        *((day, 1, 31), (month, 1, 12), (weekday, 0, 6)),
    ):
        for value in re.findall(r"\d{1,9}", re.sub(r"/\d+", "", written)):
            if not least <= int(value) <= most:
                return f"`{written}` is not from {least} to {most}"
    return ""
