"""The input of rules: the files of a workspace, as far as they can be read. Pure data."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

from ops.base import clock
from ops.check.finding import Hit
from ops.check.subject.dockerfile import Build, Dockerfile, build_of
from ops.check.subject.live import Live
from ops.check.subject.plain import dig, mapping, seconds
from ops.check.subject.refusals import Packages
from ops.copilot.workspace.document import Document
from ops.copilot.workspace.interpolation import interpolate
from ops.copilot.workspace.merge import for_environment
from ops.copilot.workspace.plain import plain
from ops.copilot.workspace.problems import Problem
from ops.copilot.workspace.workspace import Workspace

APPLICATION_VARIABLE = "COPILOT_APPLICATION_NAME"
ENVIRONMENT_VARIABLE = "COPILOT_ENVIRONMENT_NAME"


@dataclass(frozen=True)
class Source:
    """A YAML file that could be read."""

    document: Document

    @property
    def path(self) -> Path:
        """Return the path from the workspace's root."""
        return self.document.path

    @cached_property
    def data(self) -> Any:  # noqa: ANN401
        """Return the file as plain values, `${…}` as written."""
        return plain(self.document.root)

    def seconds_at(self, *at: str) -> float | None:
        """Return a duration of the file in seconds; None if it is absent or unreadable."""
        return seconds(dig(self.data, *at))

    def hit(self, location: tuple[int | str, ...], message: str, fix: str = "") -> Hit:
        """Return a hit at a location of the file, or at the nearest line that exists."""
        return Hit(self.path, self.document.problem(location, "").line, message, fix)


@dataclass(frozen=True)
class Variant(Source):
    """A manifest as it is in one environment: with its overrides, and `${…}` filled in.

    `environment` is None for the manifest without overrides. `environments` are all in which the
    manifest is the same.
    """

    workload: str
    environment: str | None
    environments: frozenset[str]

    @property
    def type(self) -> str:
        """Return the manifest's type; an empty text if the field is missing."""
        written = dig(self.data, "type")
        return written if isinstance(written, str) else ""

    @property
    def build(self) -> Build | None:
        """Return the build of the manifest's image; None if Copilot does not build it, or the build
        is unknown.
        """
        image = mapping(dig(self.data, "image"))
        return None if image.get("location") is not None else build_of(image.get("build"))

    def hit(self, location: tuple[int | str, ...], message: str, fix: str = "") -> Hit:
        """Return a hit at a location, with the environments of this variant."""
        return replace(super().hit(location, message, fix), environments=self.environments)


@dataclass(frozen=True)
class Manifest(Source):
    """`copilot/<name>/manifest.yml`."""

    name: str
    variables: Mapping[str, str] = field(default_factory=dict)

    @property
    def type(self) -> str:
        """Return the manifest's type; an empty text if the field is missing."""
        written = dig(self.data, "type")
        return written if isinstance(written, str) else ""

    @property
    def overridden(self) -> list[str]:
        """Return the names of the environments with an override in the manifest."""
        return [str(name) for name in mapping(dig(self.data, "environments"))]

    def variant(self, environment: str | None, alike: frozenset[str] = frozenset()) -> Variant:
        """Return the manifest in one environment; `alike` are those without an override."""
        known = {**self.variables, ENVIRONMENT_VARIABLE: environment or ""}
        if environment is None:
            del known[ENVIRONMENT_VARIABLE]
        merged = for_environment(self.document, environment)
        everything = frozenset(str(key.value) for key, _ in merged.root.value)
        filled = interpolate(merged, known, leave=everything)
        within = alike if environment is None else frozenset({environment})
        return Variant(filled, self.name, environment, within)


@dataclass(frozen=True)
class Environment(Source):
    """`copilot/environments/<name>/manifest.yml`."""

    name: str


@dataclass(frozen=True)
class Pipeline(Source):
    """`copilot/pipelines/<name>/manifest.yml`, or its former place `copilot/pipeline.yml`."""


@dataclass(frozen=True)
class Addon(Source):
    """A CloudFormation template in an `addons` folder; `workload` is None for an environment's."""

    workload: str | None

    def resources(self, *types: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield the template's resources of some types, by their logical ids."""
        all_resources = dig(self.data, "Resources")
        for name, resource in all_resources.items() if isinstance(all_resources, dict) else ():
            if isinstance(resource, dict) and resource.get("Type") in types:
                yield name, resource


@dataclass(frozen=True)
class Subject:
    """The files and, on request, the state of AWS and the refusals of Copilot.

    `environments` are those with a manifest of their own; `only` is the requested one. `unreadable`
    has the problems of unreadable files.
    """

    root: Path
    workspace: Workspace
    manifests: tuple[Manifest, ...] = ()
    environments: tuple[Environment, ...] = ()
    pipelines: tuple[Pipeline, ...] = ()
    addons: tuple[Addon, ...] = ()
    overrides: Mapping[str, str] = field(default_factory=dict)  # all their text, by workload
    dockerfiles: Mapping[Build, Dockerfile] = field(default_factory=dict)  # those that are there
    unreadable: tuple[Problem, ...] = ()
    unread: tuple[Path, ...] = ()  # files whose names look like Copilot's and are not
    shell: Mapping[str, str] = field(default_factory=dict)
    only: str | None = None
    today: date = field(default_factory=lambda: clock.now().date())  # in UTC
    live: Live | None = None
    packaged: Packages | None = None

    @property
    def in_aws(self) -> Live:
        """Return `live`, for live rules, which run only if it is present."""
        assert self.live is not None  # noqa: S101 - `ops.check.run` leaves those rules out
        return self.live

    @property
    def packages(self) -> Packages:
        """Return `packaged`, for the rule that needs it, which runs only if it is present."""
        assert self.packaged is not None  # noqa: S101 - `ops.check.run` leaves that rule out
        return self.packaged

    def variants(self, *types: str) -> Iterator[Variant]:
        """Yield every manifest of some types (by default all), in every differing environment."""
        for type_, variant in self._variants:
            if not types or type_ in types:
                yield variant

    @cached_property
    def _variants(self) -> tuple[tuple[str, Variant], ...]:
        """Return every variant of every manifest with its type, merged once for all rules."""
        return tuple(
            (manifest.type, manifest.variant(environment, self.alike(manifest)))
            for manifest in self.manifests
            for environment in self.differing(manifest)
        )

    def differing(self, manifest: Manifest) -> list[str | None]:
        """Return the environments that a manifest overrides something for; None stands for all
        others.
        """
        if self.only is not None:
            return [self.only]
        return [*([None] if self.alike(manifest) else []), *manifest.overridden]

    def alike(self, manifest: Manifest) -> frozenset[str]:
        """Return the environments in which a manifest has no override; an empty name if none are
        known.
        """
        known = {environment.name for environment in self.environments} or {""}
        return frozenset(known.difference(manifest.overridden))

    def narrowed(self, path: Path, environments: frozenset[str]) -> str:
        """Return the end of a sentence that is true in some of a manifest's environments only."""
        every = next(
            (self._every(manifest) for manifest in self.manifests if manifest.path == path), None
        )
        names = ", ".join(sorted(f"`{name}`" for name in environments if name))
        return f" (only in {names})" if names and every and not environments >= every else ""

    def _every(self, manifest: Manifest) -> frozenset[str]:
        if self.only is not None:
            return frozenset({self.only})
        return self.alike(manifest).union(manifest.overridden)

    def dockerfile(self, variant: Variant) -> Dockerfile | None:
        """Return the Dockerfile of a manifest's image; None if the manifest builds no image."""
        return self.dockerfiles.get(variant.build) if variant.build is not None else None

    def overrides_speak_of(self, workload: str, word: str) -> bool:
        """Return whether a workload's overrides mention a word, so that its manifest is not
        decisive.
        """
        return word in self.overrides.get(workload, "")
