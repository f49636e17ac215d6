"""Values that Copilot cannot read, does not take, or misses: see `manifest_fields.yml`."""

from collections.abc import Iterator

import yaml

from ops.check.finding import Hit, Severity
from ops.check.manifest.decoding import Misfit, misfits
from ops.check.manifest.grammar import Fields, Grammar, Items, Word, grammars, merged, walk
from ops.check.manifest.values import KINDS, Kind, is_read, number_of
from ops.check.registry import rule
from ops.check.subject.model import (
    APPLICATION_VARIABLE,
    ENVIRONMENT_VARIABLE,
    Environment,
    Source,
    Subject,
)
from ops.check.subject.plain import Location
from ops.copilot.workload import APP_RUNNER, JOB

_OVERVIEW = "https://aws.github.io/copilot-cli/docs/manifest/overview/"
_NULL = "tag:yaml.org,2002:null"

# What Copilot follows a pointer to without a look: sidecars and volumes when it validates,
# overrides when it applies them to a type that does not test for none.
_POINTED_AT = {"sidecars", "volumes", "pre_deployments", "post_deployments"}


@rule(Severity.ERROR, _OVERVIEW)
def wrong_type(subject: Subject) -> Iterator[Hit]:
    """A field has a value of another type than Copilot expects.

    Why: Copilot refuses the manifest, whatever environment the field is for.

    Fix: Write numbers without quotes and units, durations with a unit, such as `30s`, and names
    with values as `NAME: value`. In place of a variable such as `${CPU}`, write numbers in
    `environments`.
    """
    yield from (_hit(*misfit) for misfit in _misfits(subject) if misfit[1].is_refused)


@rule(Severity.WARNING, _OVERVIEW)
def value_passed_over(subject: Subject) -> Iterator[Hit]:
    """Copilot ignores a value that it cannot read.

    Why: In a field of two forms, such as `http` or `count`, a value of a wrong type becomes 0,
    false or nothing.

    Fix: Correct the value, or remove it.
    """
    for source, misfit in _misfits(subject):
        if not misfit.is_refused and not _means_nothing(misfit):
            yield _hit(source, misfit)


def _misfits(subject: Subject) -> Iterator[tuple[Source, Misfit]]:
    for source, fields in grammars(subject):
        for misfit in misfits(source.document.root, fields):
            if not misfit.has_unknown_fields:  # which `unknown-field` reports one by one
                yield source, misfit


def _hit(source: Source, misfit: Misfit) -> Hit:
    node = misfit.node
    shape = "a list" if isinstance(node, yaml.SequenceNode) else "a mapping"
    shape += "" if node.value else " of nothing"
    written = f"`{node.value}`" if isinstance(node, yaml.ScalarNode) else shape
    message = f"`{_dotted(misfit.at)}` must be {misfit.expected}, not {written}"
    return Hit(source.path, node.start_mark.line + 1, message)


def _means_nothing(misfit: Misfit) -> bool:
    """Return whether a value that Copilot drops equals the default, such as a delay of 0."""
    return isinstance(misfit.node, yaml.ScalarNode) and misfit.node.value in {"0", "", "false"}


@rule(Severity.ERROR, _OVERVIEW)
def value_not_allowed(subject: Subject) -> Iterator[Hit]:
    """A field has a value that Copilot does not allow.

    Why: Copilot refuses the manifest.

    Fix: Write one of the values in the finding, or a text of that form.
    """
    for source, fields in grammars(subject):
        refused = {
            misfit.at for misfit in misfits(source.document.root, fields) if misfit.is_refused
        }
        for at, node, grammar in walk(source.document.root, fields):
            kind = _kind(node, grammar)
            if kind is None or at in refused:
                continue
            if isinstance(node, yaml.ScalarNode):
                is_wrong = is_read(node, kind.type) and _is_refused(kind, node, subject, source, at)
                written = f"`{node.value}`"
            else:  # which Copilot passes over: it drops an item, and takes a field for empty text
                is_field = isinstance(grammar, Word) and isinstance(at[-1], str)
                is_wrong = is_field and not kind.allows("")
                written = "anything but text"
            if is_wrong:
                message = f"`{_dotted(at)}` must be {kind.expected}, not {written}"
                yield Hit(source.path, node.start_mark.line + 1, message)


def _is_refused(
    kind: Kind, node: yaml.ScalarNode, subject: Subject, source: Source, at: Location
) -> bool:
    """Return whether Copilot refuses a scalar in an environment, as far as the files tell."""
    if kind.allows_numbers and number_of(node) is not None:
        return False
    texts = _filled(str(node.value), subject, _environments(subject, source, at))
    return any("${" not in text and not kind.allows(text) for text in texts)


def _environments(subject: Subject, source: Source, at: Location) -> list[str]:
    """Return the environments in which a place of a file counts."""
    if isinstance(source, Environment):
        return [source.name]
    if len(at) > 1 and at[0] == "environments":
        return [str(at[1])]
    return [subject.only] if subject.only else list(subject.workspace.environments)


def _filled(text: str, subject: Subject, environments: list[str]) -> set[str]:
    """Return what a text is in each environment, with the names that Copilot fills in."""
    text = text.replace(f"${{{APPLICATION_VARIABLE}}}", subject.workspace.application)
    name = f"${{{ENVIRONMENT_VARIABLE}}}"
    return {text.replace(name, environment) for environment in environments} or {text}


def _kind(node: yaml.Node, grammar: Grammar) -> Kind | None:
    """Return what judges a scalar at a place."""
    if node.tag == _NULL:
        return None
    if isinstance(grammar, Fields | Items):
        grammar = grammar.instead or grammar
    return KINDS[grammar.name] if isinstance(grammar, Word) else None


@rule(Severity.ERROR, _OVERVIEW)
def field_missing(subject: Subject) -> Iterator[Hit]:
    """A mapping lacks a required field.

    Why: Copilot refuses the manifest.

    Fix: Add the field.
    """
    for source, fields in merged(subject):
        for at, node, grammar in walk(source.document.root, fields):
            if not isinstance(grammar, Fields) or not isinstance(node, yaml.MappingNode):
                continue
            present = {
                str(key.value)
                for key, value in node.value
                if (below := grammar.below(str(key.value))) is not None and _says(value, below)
            }
            if present or grammar.is_entry:
                for name in sorted(grammar.required - present):
                    yield source.hit(at, f"`{_dotted(at)}` has no `{name}`")


def _says(node: yaml.Node, grammar: Grammar) -> bool:
    """Return whether Copilot sees a value in a field: it ignores an empty text."""
    if isinstance(node, yaml.ScalarNode):
        return node.tag != _NULL and bool(node.value)
    return not isinstance(grammar, Word)


@rule(Severity.ERROR, _OVERVIEW)
def empty_entry(subject: Subject) -> Iterator[Hit]:
    """A sidecar, a volume or an override has a name and no content.

    Why: Copilot crashes with a nil pointer.

    Fix: Describe the entry, or remove it.
    """
    for source, fields in grammars(subject):
        of_pointers = getattr(source, "type", "") in {JOB, APP_RUNNER}
        names = _POINTED_AT | ({"environments"} if of_pointers else set())
        for at, node, _ in walk(source.document.root, fields):
            if len(at) > 1 and at[-2] in names and node.tag == _NULL:
                yield Hit(source.path, node.start_mark.line + 1, f"`{_dotted(at)}` is empty")


def _dotted(at: Location) -> str:
    return ".".join(str(step) for step in at if isinstance(step, str)) or "the file"
