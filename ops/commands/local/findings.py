"""The errors of `ops check` that the embedded AWS does not show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ops.base.words import number
from ops.check.files.reading import read_subject
from ops.check.finding import Severity
from ops.check.run import check

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ops.copilot.workspace import Workspace

_SHOWN = 5


def lines(workspace: Workspace, environment: str) -> Iterator[str]:
    """Yield a list of the errors, such as a missing Dockerfile: no image is built on a laptop."""
    subject = read_subject(workspace.root, workspace.application, environment)
    findings = check(subject).findings
    errors = [finding for finding in findings if finding.severity is Severity.ERROR]
    if not errors:
        return
    yield (
        f"`ops check` finds {number(len(errors), 'error')}. All runs here, but a deployment to AWS "
        "would fail:"
    )
    for finding in errors[:_SHOWN]:
        yield f"  {finding.path.as_posix()}:{finding.line}: {finding.message} ({finding.rule})"
    if len(errors) > _SHOWN:
        yield f"  and {len(errors) - _SHOWN} more"
