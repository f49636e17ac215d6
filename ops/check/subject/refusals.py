"""Results of packaging a workspace with the Copilot CLI. Pure data; `packages.py` collects them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Refusal:
    """The Copilot CLI's refusal of a manifest in an environment. `output` is from its stderr."""

    path: Path  # of the manifest, from the root of the workspace
    environment: str
    output: str


@dataclass(frozen=True)
class Packages:
    """The refusals of all manifests in all environments.

    `unknown` are refusals that are not about the files: the CLI needs something of the account,
    such as its domain, that the embedded AWS does not have.
    """

    refusals: tuple[Refusal, ...] = ()
    unknown: tuple[Refusal, ...] = ()
