"""Packaging of every manifest in every environment, on an embedded AWS of its own."""

from __future__ import annotations

import json
import os
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from ops.base.errors import OpsError
from ops.check.packaging.cli import ENVIRONMENT, Cli
from ops.check.packaging.messages import is_about_account, messages
from ops.check.packaging.refusals import Packages, Refusal
from ops.check.plain import dig, listed, mapping, text
from ops.check.variables import undefined
from ops.copilot.workspace.settings import Local
from ops.local.endpoint.server import EmbeddedAws

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ops.check.subject import Subject

_FILLER = "placeholder"  # the value of a variable that nothing else has a value for
_SIDE_BY_SIDE = os.cpu_count() or 2


def package_all(subject: Subject) -> Packages:
    """Package every workload and environment of a workspace with the Copilot CLI.

    Raise OpsError if the CLI is missing, or does not work on the embedded AWS.
    """
    environments = _environments(subject)
    application = subject.workspace.application
    with TemporaryDirectory() as directory, _embedded_aws(subject, Path(directory)) as aws:
        home = Path(directory) / "home"
        home.mkdir()
        cli = Cli(_placeholders(subject) | aws.environment(), home)
        cli.create_application(application, environments, aws.region)
        _set_domain(aws, application, domain(subject))
        _create_topics(aws, subject, environments)
        with ThreadPoolExecutor(_SIDE_BY_SIDE) as pool:
            refusals = pool.map(lambda work: _package(cli, subject, *work), _work(subject))
            refused = [refusal for refusal in refusals if refusal is not None]
    unknown = {each for each in refused if is_about_account(each.output)}
    return Packages(
        tuple(each for each in refused if each not in unknown),
        tuple(each for each in refused if each in unknown),
    )


def not_packaged(packages: Packages) -> Iterator[str]:
    """Yield a sentence for each manifest that the CLI could not package without the account."""
    for each in packages.unknown:
        [message] = messages(each.output)
        yield f"{each.path} was not packaged for {each.environment}: {message.text}"


def _environments(subject: Subject) -> list[str]:
    """Return the environment that was asked for, or all that the files name."""
    if subject.only is not None:
        return [subject.only]
    if not subject.workspace.environments:
        raise OpsError(
            "No file names an environment, and Copilot packages for one", "Pass it with --env."
        )
    return list(subject.workspace.environments)


def _work(subject: Subject) -> Iterator[tuple[Path, str, str, str]]:
    """Yield the path, type and name of each manifest, with each environment."""
    environments = _environments(subject)
    for environment in subject.environments:
        if environment.name in environments:
            yield environment.path, ENVIRONMENT, environment.name, environment.name
    for manifest in subject.manifests:
        for name in environments:
            yield manifest.path, manifest.type, manifest.name, name


def _package(
    cli: Cli, subject: Subject, path: Path, type_: str, name: str, environment: str
) -> Refusal | None:
    output = cli.package(subject.root, type_, name, environment)
    return None if output is None else Refusal(path, environment, output)


@contextmanager
def _embedded_aws(subject: Subject, directory: Path) -> Iterator[EmbeddedAws]:
    aws = EmbeddedAws(directory, _local(subject).region)
    aws.start()
    try:
        yield aws
    finally:
        aws.stop()


def _local(subject: Subject) -> Local:
    """Return the section `local` of `copilot/ops.yml`; the defaults if it cannot be read."""
    try:
        return subject.workspace.settings(_environments(subject)[0]).local
    except OpsError:  # the rule `ops-file` reports it
        return Local()


def _placeholders(subject: Subject) -> dict[str, str]:
    """Return a value for each variable of a manifest that the shell does not have."""
    names = [name for name, _ in undefined(subject)]
    return dict.fromkeys(names, _FILLER) | {
        name: value for name, value in _local(subject).placeholders.items() if name in names
    }


def domain(subject: Subject) -> str | None:
    """Return a domain for the application that the most aliases belong to, if there are any.

    The files do not tell the application's domain, and without one the CLI refuses any alias.
    """
    names = [name for variant in subject.variants() for name in _aliases(variant.data)]
    parents = Counter(name.partition(".")[2] for name in names if name.count(".") > 1)
    return parents.most_common(1)[0][0] if parents else None


def _aliases(data: Any) -> Iterator[str]:  # noqa: ANN401  # a manifest
    for section in ("http", "nlb"):
        alias = dig(data, section, "alias")
        for each in alias if isinstance(alias, list) else [alias]:
            name = text(mapping(each).get("name", each))
            if name and "$" not in name:
                yield name


def _set_domain(aws: EmbeddedAws, application: str, name: str | None) -> None:
    """Give the application a domain where the CLI keeps it: internal/pkg/config/app.go."""
    if name is None:
        return
    ssm, parameter = aws.client("ssm"), f"/copilot/applications/{application}"
    settings = json.loads(ssm.get_parameter(Name=parameter)["Parameter"]["Value"])
    settings |= {"domain": name, "domainHostedZoneID": "Z1"}
    ssm.put_parameter(Name=parameter, Value=json.dumps(settings), Overwrite=True)


def _create_topics(aws: EmbeddedAws, subject: Subject, environments: list[str]) -> None:
    """Create the topics to which services subscribe, as if their publishers were deployed.

    Of a publisher that is in the workspace, only the topics that it publishes.
    """
    sns = aws.client("sns")
    application = subject.workspace.application
    for environment in environments:
        for service, topic in sorted(_topics(subject)):
            tags = {
                "copilot-application": application,
                "copilot-environment": environment,
                "copilot-service": service,
            }
            fifo = {"FifoTopic": "true"} if topic.endswith(".fifo") else {}
            sns.create_topic(
                Name=f"{application}-{environment}-{service}-{topic}",
                Attributes=fifo,
                Tags=[{"Key": key, "Value": value} for key, value in tags.items()],
            )


def _topics(subject: Subject) -> set[tuple[str, str]]:
    """Return services with the topics that they publish."""
    here = {manifest.name for manifest in subject.manifests}
    topics = set()
    for variant in subject.variants():
        for _, each in listed((), dig(variant.data, "publish", "topics")):
            is_fifo = dig(each, "fifo") not in (None, False)
            topics.add((variant.workload, f"{dig(each, 'name')}{'.fifo' if is_fifo else ''}"))
        for _, each in listed((), dig(variant.data, "subscribe", "topics")):
            if dig(each, "service") not in here:
                topics.add((str(dig(each, "service")), str(dig(each, "name"))))
    return {(service, topic) for service, topic in topics if _is_name(service) and _is_name(topic)}


def _is_name(text_: str) -> bool:
    return bool(text_) and text_.replace("-", "").replace("_", "").replace(".", "").isalnum()
