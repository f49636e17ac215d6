"""Refusals of the Copilot CLI itself, asked with --package."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from ops.check.finding import Hit, Severity
from ops.check.packaging.messages import Message, messages
from ops.check.packaging.places import place_of
from ops.check.registry import Needs, rule
from ops.check.subject.model import Source, Subject
from ops.check.subject.refusals import Refusal


@rule(
    Severity.ERROR,
    "https://aws.github.io/copilot-cli/docs/commands/svc-package/",
    needs=Needs.COPILOT,
)
def copilot_refuses(subject: Subject) -> Iterator[Hit]:
    """The Copilot CLI refuses a manifest.

    Why: Copilot refuses it: a deployment with this CLI fails with the same error.

    Fix: Correct the field that the CLI names. If it names none, the finding is on the first line.
    """
    for refusal in subject.packages.refusals:
        for message in messages(refusal.output):
            hit = _hit(subject, refusal, message)
            yield replace(hit, environments=frozenset({refusal.environment}))


def _hit(subject: Subject, refusal: Refusal, message: Message) -> Hit:
    path = refusal.path
    if message.workload is not None:
        path = Path("copilot") / message.workload / "manifest.yml"
    if message.line is not None:
        return Hit(path, message.line, message.text)
    source = _source(subject, path, refusal.environment)
    if source is None:
        return Hit(path, 1, message.text)
    return source.hit(place_of(message.text, source.document.root), message.text)


def _source(subject: Subject, path: Path, environment: str) -> Source | None:
    """Return a manifest as it is in an environment."""
    for manifest in subject.manifests:
        if manifest.path == path:
            return manifest.variant(environment)
    return next((candidate for candidate in subject.environments if candidate.path == path), None)
