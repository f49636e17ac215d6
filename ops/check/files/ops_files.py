"""The `ops.yml` files of services, for rules: their settings, and their lines."""

from collections.abc import Iterator
from pathlib import Path

from yaml import MappingNode

from ops.check.files.reading import read_text
from ops.check.finding import Hit
from ops.check.subject.model import Subject, Variant
from ops.copilot.workload import SERVICES
from ops.copilot.workspace.document import Document, parse_document
from ops.copilot.workspace.problems import WorkspaceError
from ops.copilot.workspace.settings import ServiceSettings


def declared(subject: Subject) -> Iterator[tuple[Variant, ServiceSettings]]:
    """Yield each service with an `ops.yml`, in each environment, except unreadable files."""
    environments = environments_of(subject)
    for manifest in subject.manifests:
        if manifest.type not in SERVICES or not (subject.root / _file(manifest.name)).is_file():
            continue
        for environment in environments:
            try:
                settings = subject.workspace.service_settings(manifest.name, environment)
            except WorkspaceError:
                continue
            yield manifest.variant(environment), settings


def environments_of(subject: Subject) -> list[str]:
    """Return the environments for which an `ops.yml` is read, and those that only an `ops.yml`
    names.
    """
    if subject.only is not None:
        return [subject.only]
    named = {name for _, name in overridden(subject) if not subject.workspace.mistaken(name)}
    return sorted({*subject.workspace.environments, *named})


def overridden(subject: Subject) -> Iterator[tuple[Document, str]]:
    """Yield each environment that an `ops.yml` overrides something for, with the file."""
    paths = [Path("copilot/ops.yml"), *(_file(manifest.name) for manifest in subject.manifests)]
    for path in paths:
        text = read_text(subject.root / path)
        try:
            document = parse_document((text or "").encode(), path)
        except WorkspaceError:
            continue  # reported by another rule
        block = document.child("environments")
        for key, _ in block.value if isinstance(block, MappingNode) else ():
            yield document, str(key.value)


def hit_in(
    subject: Subject, variant: Variant, at: tuple[str, ...], message: str, fix: str = ""
) -> Hit:
    """Return a hit in a service's `ops.yml`, in the environment's override if it has the field."""
    path = _file(variant.workload)
    document = parse_document((read_text(subject.root / path) or "").encode(), path)
    override = ("environments", variant.environment or "", *at)
    place = override if document.child(*override) is not None else at
    return Hit(path, document.problem(place, "").line, message, fix)


def _file(service: str) -> Path:
    return Path("copilot") / service / "ops.yml"
