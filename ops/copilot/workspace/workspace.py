"""The workspace: Copilot's files and the `ops.yml` files next to them."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ops.base.errors import OpsError
from ops.base.kinds import KINDS, Scope
from ops.copilot.workspace.document import Document, empty_document, read_document
from ops.copilot.workspace.environments import is_name, mistyped, spoken_of
from ops.copilot.workspace.find import find_root
from ops.copilot.workspace.interpolation import interpolate
from ops.copilot.workspace.merge import for_environment
from ops.copilot.workspace.plain import plain
from ops.copilot.workspace.problems import Problem, WorkspaceError, did_you_mean
from ops.copilot.workspace.settings import (
    ALL,
    ApplicationSettings,
    ServiceSettings,
    application_model,
    service_model,
)
from ops.copilot.workspace.validation import Model, validate


@dataclass(frozen=True)
class Service:
    """A workload of the workspace. `manifest` is the file as written, `${…}` included.

    A manifest that cannot be read is empty here, its type too, and `unreadable` holds the reason.
    """

    name: str
    type: str
    document: Document = field(repr=False, compare=False)
    unreadable: WorkspaceError | None = field(default=None, compare=False)

    @property
    def manifest(self) -> dict[str, Any]:
        """Return the manifest as written, with its `environments` block."""
        return self._plain(self.document)

    def manifest_in(self, environment: str) -> dict[str, Any]:
        """Return the manifest with one environment's overrides applied, as Copilot merges them."""
        return self._plain(for_environment(self.document, environment))

    @staticmethod
    def _plain(document: Document) -> dict[str, Any]:
        data: dict[str, Any] = plain(document.root)
        return data


@dataclass(frozen=True)
class Workspace:
    """A Copilot workspace. `root` is the directory that contains `copilot/`.

    `environments` are those that its files name; `own_environments` have a manifest here.
    """

    root: Path
    application: str
    services: tuple[Service, ...]
    environments: tuple[str, ...]
    own_environments: frozenset[str] = frozenset()

    def settings(
        self, environment: str | None = None, variables: Mapping[str, str] | None = None
    ) -> ApplicationSettings:
        """Return `copilot/ops.yml` for an environment.

        None omits the overrides, and the sections that need an environment. `variables` extend the
        shell's for `${…}`. Without them the `local` section keeps undefined variables as written,
        because only `ops local` knows them; `release` always does, for `ops release`.
        """
        leave = frozenset({"release"} if variables is not None else {"local", "release"})
        return self._read(
            Path("copilot/ops.yml"), application_model, environment, variables or {}, leave
        )

    def service_settings(self, service: str, environment: str) -> ServiceSettings:
        """Return `copilot/<service>/ops.yml` for an environment; empty if there is no such file."""
        path = Path("copilot") / service / "ops.yml"
        return self._read(path, service_model, environment, {}, frozenset())

    @property
    def unreadable(self) -> list[Problem]:
        """Return the problems of all manifests that cannot be read."""
        errors = [service.unreadable for service in self.services if service.unreadable]
        return [problem for error in errors for problem in error.problems]

    def place_of(
        self, location: Sequence[str], service: str | None, environment: str | None
    ) -> str:
        """Return the nearest line to a path of keys in an `ops.yml`, overrides applied, as
        `<file>:<line>`.

        Without a service, it is the application's file.
        """
        path = Path("copilot") / (service or "") / "ops.yml"
        document = for_environment(read_document(self.root / path, path), environment)
        return document.problem(location, "").place

    def require_environment(self, name: str | None) -> str:
        """Return the environment to work in: the named one, or the only one that the files name.

        The files need not name it: AWS knows whether it exists (`ops.copilot.environments`). Raise
        OpsError if there is no choice or the name is invalid, and WorkspaceError for manifests that
        cannot be read if no environment is named.
        """
        if name is None and self.unreadable:
            # One of them may speak of another, so that the only one left is not the only one.
            raise WorkspaceError(self.unreadable)
        known = ", ".join(self.environments)
        if name is None and not known:
            raise OpsError(
                f"No file here names an environment of {self.application}",
                "Pass one, such as --env prod. `copilot env ls` lists them, and `copilot env "
                "init` creates one.",
            )
        if name is None and len(self.environments) > 1:
            raise OpsError(
                f"The application {self.application} has more than one environment: {known}",
                f"Pass one of them, such as --env {self.environments[0]}.",
            )
        if name is not None and name not in self.environments and not is_name(name):
            raise OpsError(
                f"The application {self.application} has no environment `{name}`",
                "A name has small letters, digits and single hyphens, and begins with a letter. "
                + (f"The files name: {known}." if known else "`copilot env ls` lists them."),
            )
        return self.environments[0] if name is None else name

    def unheard_of(self, name: str) -> str:
        """Return a warning about an environment that no file names although others are named; else
        empty.
        """
        if name in self.environments or not self.environments:
            return ""
        hint = did_you_mean(name, self.environments)
        return f"no file names an environment `{name}`; {hint}"

    def mistaken(self, name: str) -> str:
        """Return why an `ops.yml` cannot mean an environment by this name; empty if it can."""
        if name in self.environments:
            return ""
        meant = mistyped(name, self.environments)
        if meant is not None:
            return f"no such environment; did you mean `{meant}`?"
        if not is_name(name):
            return f"no such environment; {did_you_mean(name, self.environments)}"
        return ""

    def _read(
        self,
        path: Path,
        model_of: Callable[[frozenset[str]], type[Model]],
        environment: str | None,
        variables: Mapping[str, str],
        leave: frozenset[str],
    ) -> Model:
        if not (self.root / path).is_file():
            return model_of(frozenset())()
        document = read_document(self.root / path, path)
        if document.unread is not None:
            message = "a second document begins here, and only the first is read"
            raise WorkspaceError([Problem(path, document.unread, "", message)])
        self._check_environments(document, environment)
        merged = for_environment(document, environment)
        if environment is None:
            merged = merged.without(*(k.name for k in KINDS if k.scope is Scope.ENVIRONMENT))
        known = {**os.environ, **self._predefined(environment), **variables}
        mentioned = ALL & {key.value for key, _ in merged.root.value}
        return validate(interpolate(merged, known, leave=leave), model_of(mentioned))

    def _predefined(self, environment: str | None) -> dict[str, str]:
        """Return Copilot's predefined variables.

        https://aws.github.io/copilot-cli/docs/developing/manifest-env-var/#predefined-variables
        """
        predefined = {"COPILOT_APPLICATION_NAME": self.application}
        if environment:
            predefined["COPILOT_ENVIRONMENT_NAME"] = environment
        return predefined

    def _check_environments(self, document: Document, environment: str | None) -> None:
        block = document.value("environments") or {}
        if not isinstance(block, dict):
            message = "must be a mapping of environments to overrides"
            raise WorkspaceError([document.problem(("environments",), message)])
        shared = {kind.name for kind in KINDS if kind.scope is Scope.APPLICATION}
        problems = list[Problem]()
        for name, override in block.items():
            location = ("environments", str(name))
            mistake = self.mistaken(str(name)) if name != environment else ""
            if mistake:
                problems.append(document.problem(location, mistake))
            elif not isinstance(override, dict | None):
                problems.append(document.problem(location, "must be a mapping of fields"))
            for section in shared.intersection(override if isinstance(override, dict) else ()):
                message = "belongs to the application, so all environments share it"
                problems.append(document.problem((*location, section), message))
        if problems:
            raise WorkspaceError(problems)


def load_workspace(path: Path | None = None, application: str | None = None) -> Workspace:
    """Read the workspace at `path` or, without one, at or above the current directory.

    `application` replaces the name in `copilot/.workspace`. A manifest that cannot be read does not
    raise; it becomes a problem of its service (`Service.unreadable`). Raise OpsError if there is no
    workspace or it has no name, WorkspaceError for `.workspace`.
    """
    root = find_root(path)
    services = tuple(
        _service(root, manifest.relative_to(root))
        for manifest in sorted((root / "copilot").glob("*/manifest.yml"))
    )
    manifests = (root / "copilot" / "environments").glob("*/manifest.yml")
    own = frozenset(manifest.parent.name for manifest in manifests)
    return Workspace(
        root=root,
        application=application or _application(root),
        services=services,
        environments=spoken_of(own, [service.manifest for service in services]),
        own_environments=own,
    )


def _application(root: Path) -> str:
    path = Path("copilot/.workspace")
    if not (root / path).is_file():
        raise OpsError(
            f"{path} is missing, so the application has no name",
            "Run `copilot app init`, which writes it, or name the application with --app.",
        )
    document = read_document(root / path, path)
    name = document.data.get("application")
    if not isinstance(name, str):
        raise WorkspaceError([document.problem(("application",), "must be the application's name")])
    return name


def _service(root: Path, path: Path) -> Service:
    name = path.parent.name
    try:
        document = read_document(root / path, path)
    except WorkspaceError as error:
        return Service(name, "", empty_document(path), unreadable=error)
    node = document.child("type")
    kind = None if node is None else plain(node)
    if not isinstance(kind, str):
        message = "must be the type of the workload, such as `Backend Service`"
        nameless = WorkspaceError([document.problem(("type",), message)])
        return Service(name, "", document, unreadable=nameless)
    return Service(name, kind, document)
