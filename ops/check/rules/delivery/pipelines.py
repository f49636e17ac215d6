"""Pipelines."""

from collections.abc import Iterator

from ops.check.finding import Hit, Severity
from ops.check.registry import rule
from ops.check.subject.model import Subject
from ops.check.subject.plain import dig, listed, mapping
from ops.copilot.workspace.environments import is_slip_of
from ops.copilot.workspace.problems import did_you_mean

_PIPELINE = "https://aws.github.io/copilot-cli/docs/manifest/pipeline/"
_PROVIDERS = ("GitHub", "GitHubV1", "CodeCommit", "Bitbucket")
_LONGEST_NAME = 100


@rule(Severity.WARNING, _PIPELINE)
def unknown_stage(subject: Subject) -> Iterator[Hit]:
    """The name of a pipeline's stage is similar to an environment's name here.

    Why: `copilot pipeline deploy` fails if a stage's environment does not exist.

    Fix: Correct the stage's name, or create the environment.
    """
    known = [environment.name for environment in subject.environments]
    for pipeline in subject.pipelines if known else ():
        stages = dig(pipeline.data, "stages")
        for index, stage in enumerate(stages if isinstance(stages, list) else ()):
            name = mapping(stage).get("name")
            if isinstance(name, str) and is_slip_of(name, known):
                message = f"no environment `{name}` here; {did_you_mean(str(name), known)}"
                yield pipeline.hit(("stages", index, "name"), message)


@rule(Severity.ERROR, _PIPELINE)
def pipeline_provider(subject: Subject) -> Iterator[Hit]:
    """Copilot does not know the provider of a pipeline's source.

    Why: Copilot refuses the pipeline.

    Fix: Write GitHub, Bitbucket or CodeCommit.
    """
    for pipeline in subject.pipelines:
        provider = dig(pipeline.data, "source", "provider")
        if provider not in _PROVIDERS:
            message = f"the provider is `{provider}`; {did_you_mean(str(provider), _PROVIDERS)}"
            yield pipeline.hit(("source", "provider"), message)


@rule(Severity.ERROR, _PIPELINE)
def pipeline_shape(subject: Subject) -> Iterator[Hit]:
    """A pipeline has a version other than 1, a name that is too long, or conflicting steps.

    Why: Copilot refuses the pipeline.

    Fix: Write `version: 1` and a name of up to 100 characters. A stage has either
    `post_deployments` or `test_commands`; `depends_on` names deployments of its own stage.
    """
    for pipeline in subject.pipelines:
        version, name = (dig(pipeline.data, field) for field in ("version", "name"))
        if version != 1:
            yield pipeline.hit(("version",), f"the version is `{version}`")
        if isinstance(name, str) and len(name) > _LONGEST_NAME:
            yield pipeline.hit(("name",), f"{len(name)} characters")
        for at, stage in listed(("stages",), dig(pipeline.data, "stages")):
            if dig(stage, "test_commands") and dig(stage, "post_deployments") is not None:
                message = "`test_commands` next to `post_deployments`"
                yield pipeline.hit((*at, "test_commands"), message)
            deployments = mapping(dig(stage, "deployments"))
            for key, deployment in deployments.items():
                below = ("stages", "deployments", key, "depends_on")
                for _, other in listed(below, dig(deployment, "depends_on")):
                    if other not in deployments:
                        message = f"there is no deployment `{other}` in the stage"
                        yield pipeline.hit((*at, "deployments", key, "depends_on"), message)
