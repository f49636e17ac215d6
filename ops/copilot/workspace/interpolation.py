r"""`${VAR}` in values, as in a Copilot manifest; `\${VAR}` stays as `${VAR}`.

An unquoted value takes its type after interpolation, so that `keep: ${KEEP}` may be a number.
Values with a tag, such as `!Sub`, belong to CloudFormation and stay unchanged. Source:
https://aws.github.io/copilot-cli/docs/developing/manifest-env-var/, and aws/copilot-cli,
internal/pkg/manifest/interpolate.go for tags.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import yaml

from ops.copilot.workspace.document import Document, plain_scalar
from ops.copilot.workspace.problems import Problem, WorkspaceError

_TEXT = "tag:yaml.org,2002:str"
_VARIABLE = re.compile(r"(\\?)\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


def interpolate(
    document: Document, variables: Mapping[str, str], *, leave: frozenset[str] = frozenset()
) -> Document:
    """Return the document with its variables filled in.

    Top-level sections in `leave` keep undefined variables as written. Raise WorkspaceError that
    names every other undefined variable with its line.
    """
    pairs, problems = [], list[Problem]()
    for key, value in document.root.value:
        walk = _Walk(document, variables, lenient=key.value in leave)
        pairs.append((key, walk.node(value, (key.value,))))
        problems.extend(walk.problems)
    if problems:
        raise WorkspaceError(problems)
    root = document.root
    return Document(
        document.path, yaml.MappingNode(root.tag, pairs, root.start_mark, root.end_mark)
    )


@dataclass
class _Walk:
    document: Document
    variables: Mapping[str, str]
    lenient: bool
    problems: list[Problem] = field(default_factory=list)

    def node(self, node: yaml.Node, location: tuple[int | str, ...]) -> yaml.Node:
        if isinstance(node, yaml.MappingNode):
            pairs = [(key, self.node(value, (*location, key.value))) for key, value in node.value]
            return yaml.MappingNode(node.tag, pairs, node.start_mark, node.end_mark)
        if isinstance(node, yaml.SequenceNode):
            items = [self.node(item, (*location, at)) for at, item in enumerate(node.value)]
            return yaml.SequenceNode(node.tag, items, node.start_mark, node.end_mark)
        return self.scalar(node, location) if isinstance(node, yaml.ScalarNode) else node

    def scalar(self, node: yaml.ScalarNode, location: tuple[int | str, ...]) -> yaml.ScalarNode:
        if node.tag != _TEXT:
            return node
        text = _VARIABLE.sub(lambda match: self.value(match, location), node.value)
        if text == node.value:
            return node
        if not node.style:
            return plain_scalar(text, node)
        return yaml.ScalarNode(node.tag, text, node.start_mark, node.end_mark, node.style)

    def value(self, match: re.Match[str], location: tuple[int | str, ...]) -> str:
        escaped, name = match.groups()
        if escaped:
            return f"${{{name}}}"
        if name not in self.variables and not self.lenient:
            message = f"the variable ${{{name}}} is not defined; export it, or write \\${{{name}}}"
            self.problems.append(self.document.problem(location, f"{message} for the text itself"))
        return self.variables.get(name, match.group())
