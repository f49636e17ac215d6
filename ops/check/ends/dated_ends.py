"""The days from which AWS refuses what Copilot renders, read from `dated_ends.yml`. Pure data."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from ops.check.finding import Severity

_FILE = Path(__file__).with_name("dated_ends.yml")


@dataclass(frozen=True)
class End:
    """The dates of an end: AWS refuses creations from `create` on, and updates from `update` on."""

    warn: date
    create: date | None = None
    update: date | None = None
    successor: str = ""

    def severity(self, today: date) -> Severity | None:
        """Return the severity of a finding on a day; None if it is too early for a warning."""
        if today < self.warn:
            return None
        refused = self.create is not None and today >= self.create
        return Severity.ERROR if refused else Severity.WARNING


@dataclass(frozen=True)
class DatedEnds:
    """All ends in `dated_ends.yml`."""

    runtimes: Mapping[str, End]
    aurora: End
    aurora_versions: Mapping[str, frozenset[str]]  # those that create no new cluster, by engine
    serverless_v1: End
    app_runner: End
    copilot_download: End


@cache
def dated_ends() -> DatedEnds:
    """Read the file, once."""
    data: dict[str, Any] = yaml.safe_load(_FILE.read_text())
    versions = dict(data["aurora_versions"])
    first = versions.pop("from")
    return DatedEnds(
        runtimes={name: _end(days) for name, days in data["runtimes"].items()},
        aurora=End(first),
        aurora_versions={engine: frozenset(names) for engine, names in versions.items()},
        serverless_v1=_end(data["aurora_serverless_v1"]),
        app_runner=_end(data["app_runner"]),
        copilot_download=_end(data["copilot_download"]),
    )


def _end(days: Mapping[str, Any]) -> End:
    return End(days["from"], days.get("create"), days.get("update"), days.get("successor", ""))
