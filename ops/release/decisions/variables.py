"""The values of `${…}` in the manifests, from `release` in `copilot/ops.yml`.

Pure. Only declared values reach the Copilot CLI: an old value in a shell would deploy another
release.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import yaml

from ops.base.errors import OpsError
from ops.copilot.workspace import Release, Workspace

_VARIABLE = re.compile(r"(?<!\\)\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_COPILOTS = "COPILOT_"  # it sets these
_TEXT = "tag:yaml.org,2002:str"


def values(settings: Release, uri: str, tag: str) -> dict[str, str]:
    """Return the variables for a deployment of a tag. `uri` is the repository's."""
    registry = settings.registry_variable
    return {
        **settings.variables,
        settings.tag_variable: tag,
        **({registry: uri.partition("/")[0]} if registry else {}),
    }


def check(workspace: Workspace, settings: Release) -> None:
    """Raise OpsError for a variable of a manifest without a declared value."""
    known = {*values(settings, "", "")}
    for name, value in settings.variables.items():
        if match := _VARIABLE.search(value):
            raise OpsError(
                f"copilot/ops.yml: release.variables: {name} needs {match[1]}, which your shell "
                "does not have",
                f"Export {match[1]}, or write its value there.",
            )
    for path, line, name in _used(workspace):
        if name not in known and not name.startswith(_COPILOTS):
            raise OpsError(
                f"{path}:{line}: ${{{name}}} has no value for a release",
                f"Add {name} to `release: variables:` in copilot/ops.yml.",
            )
    if not any(name == settings.tag_variable for _, _, name in _used(workspace)):
        raise OpsError(
            f"No manifest uses ${{{settings.tag_variable}}}, so every release would deploy the "
            "same image",
            "Use it in `image: location:`, or name the right one in `release: tag_variable:`.",
        )


def _used(workspace: Workspace) -> Iterator[tuple[Path, int, str]]:
    """Yield each variable that Copilot fills in: file, line, name."""
    for service in workspace.services:
        for node in _texts(service.document.root):
            for name in _VARIABLE.findall(node.value):
                yield service.document.path, node.start_mark.line + 1, name


def _texts(node: yaml.Node) -> Iterator[yaml.ScalarNode]:
    """Yield the texts of a manifest; what has a tag, such as `!Sub`, is CloudFormation's."""
    if isinstance(node, yaml.ScalarNode):
        if node.tag == _TEXT:
            yield node
        return
    children = node.value if isinstance(node, yaml.SequenceNode) else [v for _, v in node.value]
    for child in children:
        yield from _texts(child)


def for_process(shell: Mapping[str, str], declared: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of a process: the shell's, with the declared values on top."""
    return {**shell, **declared}
