"""The `ops.yml` of services, as rules see it: their settings, and lines in them."""

from collections.abc import Iterator
from pathlib import Path

from ops.check.finding import Hit
from ops.check.reading import read_text
from ops.check.subject import SERVICES, Subject, Variant
from ops.workspace.document import parse_document
from ops.workspace.problems import WorkspaceError
from ops.workspace.settings import ServiceSettings


def declared(subject: Subject) -> Iterator[tuple[Variant, ServiceSettings]]:
    """Each service with an `ops.yml`, in each environment. What cannot be read is left out."""
    environments = [subject.only] if subject.only else subject.workspace.environments
    for manifest in subject.manifests:
        if manifest.type not in SERVICES or not (subject.root / _file(manifest.name)).is_file():
            continue
        for environment in environments:
            try:
                settings = subject.workspace.service_settings(manifest.name, environment)
            except WorkspaceError:
                continue
            yield manifest.variant(environment), settings


def hit_in(
    subject: Subject, variant: Variant, at: tuple[str, ...], message: str, mend: str = ""
) -> Hit:
    """A hit in a service's `ops.yml`, in the environment's override where that says it."""
    path = _file(variant.workload)
    document = parse_document((read_text(subject.root / path) or "").encode(), path)
    override = ("environments", variant.environment or "", *at)
    place = override if document.child(*override) is not None else at
    return Hit(path, document.problem(place, "").line, message, mend)


def _file(service: str) -> Path:
    return Path("copilot") / service / "ops.yml"
