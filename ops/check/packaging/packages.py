"""Packaging of every manifest in every environment, on an embedded AWS of its own."""

from __future__ import annotations

import os
import re
import shutil
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from ops.base.errors import OpsError
from ops.check.files.variables import undefined
from ops.check.packaging.account import Account, Topic
from ops.check.packaging.cli import ENVIRONMENT, Cli
from ops.check.packaging.messages import is_about_account, messages
from ops.check.subject.plain import dig, listed, mapping, text
from ops.check.subject.refusals import Packages, Refusal
from ops.copilot.workspace.settings import Local
from ops.local.endpoint.server import EmbeddedAws

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ops.check.subject.model import Subject

_FILLER = "placeholder"  # the value of a variable that nothing else has a value for
_NAME = re.compile(r"[\w-]+(\.fifo)?", re.ASCII)
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
        account = Account(aws.client, application)
        if domain := _domain(subject):
            account.set_domain(domain)
        root = _root(subject, Path(directory))
        for environment in environments:
            account.create_topics(environment, sorted(_topics(subject)))
        with ThreadPoolExecutor(_SIDE_BY_SIDE) as pool:
            refusals = pool.map(lambda work: _package(cli, root, *work), _work(subject))
            refused = [refusal for refusal in refusals if refusal is not None]
    unknown = {refusal for refusal in refused if is_about_account(refusal.output)}
    return Packages(
        tuple(refusal for refusal in refused if refusal not in unknown),
        tuple(refusal for refusal in refused if refusal in unknown),
    )


def not_packaged(packages: Packages) -> Iterator[str]:
    """Yield a sentence for each manifest that the CLI could not package without the account."""
    for refusal in packages.unknown:
        [message] = messages(refusal.output)
        yield f"{refusal.path} was not packaged for {refusal.environment}: {message.text}"


def _environments(subject: Subject) -> list[str]:
    """Return the requested environment; without a request, all that the files name."""
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


def _root(subject: Subject, directory: Path) -> Path:
    """Return the workspace's folder; without `.workspace`, which Copilot needs, a copy that has it.

    Only `copilot/` is copied: Copilot takes no link for the folder of a service.
    """
    if (subject.root / "copilot" / ".workspace").is_file():
        return subject.root
    copy = directory / "workspace"
    shutil.copytree(subject.root / "copilot", copy / "copilot", ignore_dangling_symlinks=True)
    application = f"application: {subject.workspace.application}\n"
    (copy / "copilot" / ".workspace").write_text(application)
    for entry in subject.root.iterdir():
        if entry.name != "copilot":
            (copy / entry.name).symlink_to(entry)
    return copy


def _package(
    cli: Cli, root: Path, path: Path, type_: str, name: str, environment: str
) -> Refusal | None:
    output = cli.package(root, type_, name, environment)
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


def _domain(subject: Subject) -> str | None:
    """Return the domain that most aliases belong to; None if no manifest has an alias.

    No file has the application's domain, and for an application without a domain the CLI refuses
    aliases. An alias may be the domain itself, as `example.org`.
    https://aws.github.io/copilot-cli/docs/developing/domain/
    """
    names = [name for variant in subject.variants() for name in _aliases(variant.data)]
    parents = Counter(
        name.partition(".")[2] if name.count(".") > 1 else name for name in names if "." in name
    )
    return parents.most_common(1)[0][0] if parents else None


def _aliases(data: Any) -> Iterator[str]:  # noqa: ANN401  # a manifest
    for section in ("http", "nlb"):
        alias = dig(data, section, "alias")
        for entry in alias if isinstance(alias, list) else [alias]:
            name = text(mapping(entry).get("name", entry))
            if name and "$" not in name:
                yield name


def _topics(subject: Subject) -> set[Topic]:
    """Return the topics to which services subscribe.

    If the publisher is in the workspace, include only topics that it publishes.
    """
    here = {manifest.name for manifest in subject.manifests}
    topics: set[Topic] = set()
    for variant in subject.variants():
        for _, topic in listed((), dig(variant.data, "publish", "topics")):
            is_fifo = dig(topic, "fifo") not in (None, False)
            topics.add((variant.workload, f"{dig(topic, 'name')}{'.fifo' if is_fifo else ''}"))
        for _, topic in listed((), dig(variant.data, "subscribe", "topics")):
            if dig(topic, "service") not in here:
                topics.add((str(dig(topic, "service")), str(dig(topic, "name"))))
    return {topic for topic in topics if all(map(_NAME.fullmatch, topic))}
