"""Reader of a workspace's files. An unreadable file does not affect the others."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ops.check.files.normal_form import (
    environment_in_normal_form,
    workload_in_normal_form,
)
from ops.check.subject.dockerfile import Build, Dockerfile, parse_dockerfile
from ops.check.subject.model import (
    APPLICATION_VARIABLE,
    Addon,
    Environment,
    Manifest,
    Pipeline,
    Source,
    Subject,
)
from ops.check.subject.plain import dig
from ops.copilot.workspace.document import Document, read_document
from ops.copilot.workspace.environments import spoken_of
from ops.copilot.workspace.find import find_root
from ops.copilot.workspace.problems import Problem, WorkspaceError
from ops.copilot.workspace.workspace import Service, Workspace

# Folders of `copilot/` that are no workload.
_RESERVED = frozenset({"environments", "pipelines", "addons", "overrides"})
_LOOK_ALIKES = ("manifest.yaml", "ops.yaml")


def read_subject(
    path: Path | None, application: str | None = None, environment: str | None = None
) -> Subject:
    """Read the workspace at `path`; if it is None, at or above the current directory.

    Raise OpsError if no workspace is found, or if `environment` cannot be an environment's name.
    Problems of files are recorded in the result.
    """
    reader = _Reader(find_root(path))
    name = application or reader.application()
    variables = dict(os.environ) | ({APPLICATION_VARIABLE: name} if name else {})
    manifests = tuple(reader.manifests(variables))
    environments = tuple(
        Environment(environment_in_normal_form(document), name=folder)
        for folder, document in reader.documents("environments/*/manifest.yml")
    )
    workspace = _workspace(reader.root, name, manifests, environments)
    return Subject(
        root=reader.root,
        workspace=workspace,
        manifests=manifests,
        environments=environments,
        pipelines=tuple(
            Pipeline(document)
            for pattern in ("pipelines/*/manifest.yml", "pipeline.yml")
            for _, document in reader.documents(pattern)
        ),
        addons=tuple(reader.addons()),
        overrides=reader.overrides(),
        dockerfiles=dict(reader.dockerfiles(manifests)),
        unreadable=tuple(reader.problems),
        unread=tuple(reader.look_alikes()),
        shell=variables,
        only=None if environment is None else workspace.require_environment(environment),
    )


def _workspace(
    root: Path,
    application: str,
    manifests: tuple[Manifest, ...],
    environments: tuple[Environment, ...],
) -> Workspace:
    """Return the workspace as other commands see it, made of the readable files."""
    own = frozenset(environment.name for environment in environments)
    return Workspace(
        root=root,
        application=application,
        services=tuple(
            Service(manifest.name, manifest.type, manifest.document) for manifest in manifests
        ),
        environments=spoken_of(own, [manifest.data for manifest in manifests]),
        own_environments=own,
    )


@dataclass
class _Reader:
    root: Path
    problems: list[Problem] = field(default_factory=list)

    def application(self) -> str:
        """Return the application's name, or an empty text if no file names it."""
        for _, document in self.documents(".workspace"):
            name = dig(Source(document).data, "application")
            if isinstance(name, str):
                return name
            self.problems.append(
                document.problem(("application",), "must be the application's name")
            )
        return ""

    def manifests(self, variables: Mapping[str, str]) -> Iterator[Manifest]:
        for folder, document in self.documents("*/manifest.yml"):
            if folder not in _RESERVED:
                own = workload_in_normal_form(document)
                yield Manifest(own, name=folder, variables=variables)

    def addons(self) -> Iterator[Addon]:
        for pattern in ("*/addons/*.yml", "*/addons/*.yaml"):
            for path in self.paths(pattern):
                if not path.name.startswith("addons.parameters."):
                    owner = path.parent.parent.name
                    for document in self.read(path):
                        yield Addon(document, workload=None if owner in _RESERVED else owner)

    def overrides(self) -> dict[str, str]:
        """Return the text of each workload's overrides: patches, or a CDK program."""
        texts: dict[str, str] = {}
        for suffix in ("yml", "ts"):
            for path in self.paths(f"*/overrides/*.{suffix}"):
                name = path.parent.parent.name
                texts[name] = texts.get(name, "") + (read_text(self.root / path) or "")
        return texts

    def dockerfiles(self, manifests: tuple[Manifest, ...]) -> Iterator[tuple[Build, Dockerfile]]:
        """Yield every build of any environment, with its Dockerfile. An override may build another
        image.
        """
        for manifest in manifests:
            for environment in (None, *manifest.overridden):
                build = manifest.variant(environment).build
                text = None if build is None else read_text(self.root / build.path)
                if build is not None and text is not None:
                    yield build, parse_dockerfile(text, build)

    def look_alikes(self) -> Iterator[Path]:
        for name in _LOOK_ALIKES:
            yield from self.paths(f"*/{name}")
            yield from self.paths(f"environments/*/{name}")
        yield from self.paths("ops.yaml")

    def documents(self, pattern: str) -> Iterator[tuple[str, Document]]:
        """Yield the files of a pattern below `copilot/`, each with its folder's name."""
        for path in self.paths(pattern):
            for document in self.read(path):
                yield path.parent.name, document

    def read(self, path: Path) -> Iterator[Document]:
        """Yield the file, or nothing if it cannot be read, and record the problem."""
        try:
            yield read_document(self.root / path, path)
        except WorkspaceError as error:
            self.problems.extend(error.problems)

    def paths(self, pattern: str) -> list[Path]:
        matches = sorted((self.root / "copilot").glob(pattern))
        return [path.relative_to(self.root) for path in matches if path.is_file()]


def read_text(path: Path) -> str | None:
    """Return a file's text, or None if it is not a text file."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, ValueError):  # ValueError: not UTF-8, or a name that no file can have
        return None
