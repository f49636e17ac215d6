"""The content of an `ops.yml`: `copilot/ops.yml` (application) or `copilot/<service>/ops.yml`.

The section of each kind comes from the kind's own folder, by the registry.
"""

from functools import cache
from importlib import import_module
from typing import Any, Literal

from pydantic import BaseModel, Field, create_model

from ops.base.fields import Duration, Section, Text
from ops.base.kinds import KINDS, Kind, Scope
from ops.copilot.workload import Queue


class Companion(Section):
    """A process that `ops local` starts before the tasks and ends after them."""

    name: str
    command: tuple[Text, ...] = Field(min_length=1)
    ready: str = Field(pattern=r"^(https?|tcp)://.+")  # answers once it is ready
    unless: str | None = None  # a variable of the shell that prevents its start


class Load(Section):
    """A request that `ops local` sends many times, to see the workspace scale.

    `{unique}` in a header or in the body is another text in each request.
    """

    path: Text
    method: Literal["GET", "POST", "PUT"] = "POST"
    headers: dict[str, Text] = Field(default_factory=dict)
    body: Any = None  # as JSON
    number: int = Field(default=1, ge=1, le=100_000)  # how many requests


class NamedLoad(Load):
    """The requests that the page of `ops local up` offers to send."""

    name: Text = "requests"  # what the page calls the requests


class Local(Section):
    """Settings with which `ops local` runs this workspace on a laptop."""

    region: str = "us-east-1"
    secrets: dict[str, Text] = Field(default_factory=dict)
    variables: dict[str, Text] = Field(default_factory=dict)
    placeholders: dict[str, Text] = Field(default_factory=dict)  # for ${…} in the manifests
    companions: tuple[Companion, ...] = ()
    load: NamedLoad | None = None


class ServiceLocal(Section):
    """Settings with which `ops local` runs a service on a laptop."""

    command: tuple[Text, ...] = ()  # in place of the command in the image


class Release(Section):
    """Settings of `ops release`: how one image reaches all workloads, and what proves it good."""

    repository: str | None = None  # of `images`; the only one by default
    tag_variable: str = "IMAGE_TAG"  # of the manifests: receives the image's tag
    registry_variable: str | None = None  # of the manifests: receives the registry
    variables: dict[str, Text] = Field(default_factory=dict)  # all other ${…} of the manifests
    # Workloads in order; an inner list is deployed side by side.
    order: tuple[str | tuple[str, ...], ...] = ()
    migrations: str | None = None  # a directory; its new files are shown
    verify: tuple[Text, ...] = ()  # a command that fails if the release is bad
    bake: Duration = 0  # seconds that alarms must stay quiet
    deadline: Duration = 1800  # seconds for each workload


class Settings(Section):
    """An `ops.yml` for one environment: overrides applied, variables filled in."""

    def of(self, kind: Kind) -> BaseModel | None:
        """Return the section of a kind, or None if the file does not have it."""
        section: BaseModel | None = getattr(self, kind.name, None)
        return section


class ApplicationSettings(Settings):
    """`copilot/ops.yml`. The sections of kinds are read with `of`."""

    local: Local = Local()
    release: Release = Release()


class ServiceSettings(Settings):
    """`copilot/<service>/ops.yml`. The sections of kinds are read with `of`."""

    queue: Queue | None = None
    local: ServiceLocal = ServiceLocal()


ALL = frozenset(kind.name for kind in KINDS)


@cache
def application_model(mentioned: frozenset[str] = ALL) -> type[ApplicationSettings]:
    """Return ApplicationSettings with a field for each kind that `copilot/ops.yml` declares.

    Only the models of the kinds in `mentioned` are loaded: loading all takes longer than reading
    the file.
    """
    sections = _sections(Scope.APPLICATION, mentioned) | _sections(Scope.ENVIRONMENT, mentioned)
    return create_model("ApplicationFile", __base__=ApplicationSettings, **sections)


@cache
def service_model(mentioned: frozenset[str] = ALL) -> type[ServiceSettings]:
    """Return ServiceSettings with a field for each kind that a service declares, loaded
    likewise.
    """
    sections = _sections(Scope.SERVICE, mentioned)
    return create_model("ServiceFile", __base__=ServiceSettings, **sections)


def _sections(scope: Scope, mentioned: frozenset[str]) -> dict[str, Any]:
    return {
        kind.name: (_model_of(kind) if kind.name in mentioned else None, None)
        for kind in KINDS
        if kind.scope is scope
    }


def _model_of(kind: Kind) -> Any:  # noqa: ANN401  # a type, made at run time
    return import_module(f"ops.kinds.{kind.name}.settings").Settings | None
