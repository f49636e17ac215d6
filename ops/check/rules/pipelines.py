"""Pipelines and jobs."""

import re
from collections.abc import Iterator

from ops.check.finding import Hit, Severity
from ops.check.plain import dig, mapping
from ops.check.registry import rule
from ops.check.subject import JOB, Subject
from ops.workspace.problems import did_you_mean

_PIPELINE = "https://aws.github.io/copilot-cli/docs/manifest/pipeline/"
_PROVIDERS = ("GitHub", "GitHubV1", "CodeCommit", "Bitbucket")
_CRON = re.compile(
    r"(rate|cron)\(.+\)|@(yearly|annually|monthly|weekly|daily|midnight|hourly)|none"
)


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

    Mend: Write five cron fields, `@daily` or the like, `@every 1h`, or `rate(…)` or `cron(…)`.
    """
    for variant in subject.variants(JOB):
        found = dig(variant.data, "on", "schedule")
        written = found if isinstance(found, str) else ""
        every = re.fullmatch(r"@every \S+", written)
        if "$" in written or every or _CRON.fullmatch(written) or len(written.split()) == 5:
            continue
        said = f"`{written}` is no schedule" if found is not None else "`on.schedule` is missing"
        yield variant.hit(("on", "schedule"), said)
