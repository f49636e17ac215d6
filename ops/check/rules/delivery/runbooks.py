"""The runbooks that alarms and events link to."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ops.check.files.ops_files import declared, hit_in
from ops.check.finding import Hit, Severity
from ops.check.registry import rule
from ops.check.subject.model import Subject
from ops.kinds.events.desired import PRESET

_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*:")


@rule(Severity.WARNING, "docs/how-to/alarms.md")
def runbook_missing(subject: Subject) -> Iterator[Hit]:
    """An alarm or event links to a runbook that is not in the repository.

    Why: A renamed alarm links to a file of its new name.

    Fix: Write the file, rename it, or give the alarm its own `runbook`.
    """
    for variant, settings in declared(subject):
        for section in ("alarms", "events"):
            part: Any = getattr(settings, section, None)
            for name, link in () if part is None else _links(section, part):
                if not _ADDRESS.match(link) and not _is_there(subject.root, link):
                    own = link != f"{str(part.runbooks).rstrip('/')}/{name}.md"
                    at = (section, "define", name, "runbook") if own else (section, "runbooks")
                    yield hit_in(
                        subject, variant, at, f"`{name}` links to {link}, which does not exist"
                    )


def _links(section: str, settings: Any) -> Iterator[tuple[str, str]]:  # noqa: ANN401  # of both
    """Yield each alarm or event with the link that its description gives."""
    names = PRESET if section == "events" else settings.define
    for name in names:
        change = settings.define.get(name)
        if name in settings.define and change is None:
            continue  # switched off
        if own := getattr(change, "runbook", None):
            yield name, own
        elif settings.runbooks is not None:
            yield name, f"{settings.runbooks.rstrip('/')}/{name}.md"


def _is_there(root: Path, link: str) -> bool:
    """Return whether a link points to a file of the workspace, or of its repository."""
    path = link.partition("#")[0].lstrip("/")
    for folder in (root, *root.parents):
        if (folder / path).is_file():
            return True
        if (folder / ".git").exists():
            break
    return False
