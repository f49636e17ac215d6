"""The recorded manifests: a change to a valid manifest, and the CLI's verdict."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterator

_FOLDER = Path(__file__).parent
_FIELD = re.compile(r"^[\w.'-]+(?=:)", re.MULTILINE)

# The valid manifest of each type, field by field: a mutant's own field takes its place.
_VALID = {
    "web": {
        "type": "Load Balanced Web Service",
        "image": "{location: a, port: 80}",
        "http": "{path: /}",
    },
    "api": {"type": "Backend Service", "image": "{location: a}"},
    "worker": {"type": "Worker Service", "image": "{location: a}"},
    "job": {
        "type": "Scheduled Job",
        "image": "{location: a}",
        "on": "{schedule: '@daily'}",
    },
    "runner": {
        "type": "Request-Driven Web Service",
        "image": "{location: public.ecr.aws/a/b, port: 80}",
    },
    "site": {"type": "Static Site", "files": "[{source: site}]"},
    "environment": {"type": "Environment"},
}
ENVIRONMENT = "test"
VERDICTS = ("refused", "packaged", "broken")


@dataclass(frozen=True)
class Manifest:
    """A manifest that the CLI was asked about. `verdict` is `refused` or `packaged`."""

    kind: str
    of: str
    mutant: str
    verdict: str

    @property
    def path(self) -> str:
        """Return the path in a workspace."""
        folder = f"environments/{ENVIRONMENT}" if self.of == "environment" else self.of
        return f"copilot/{folder}/manifest.yml"

    @property
    def type(self) -> str:
        """Return the type that the valid manifest has."""
        return _VALID[self.of]["type"]

    @property
    def text(self) -> str:
        """The whole manifest."""
        own = set(_FIELD.findall(self.mutant))
        name = ENVIRONMENT if self.of == "environment" else self.of
        fields = {"name": name, **_VALID[self.of]}
        lines = [f"{field}: {value}" for field, value in fields.items() if field not in own]
        return "\n".join([*lines, self.mutant, ""])


def recorded() -> Iterator[Manifest]:
    """Every recorded manifest."""
    for path in sorted(_FOLDER.glob("*.yml")):
        for group in yaml.safe_load(path.read_text()):
            for verdict in VERDICTS:
                for mutant in group.get(verdict, ()):
                    yield Manifest(group["kind"], group["of"], mutant, verdict)
