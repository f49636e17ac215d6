"""Text of a manifest that Copilot puts into its CloudFormation template without quotes."""

import re
import shlex
from collections.abc import Iterator

import yaml

from ops.check.finding import Hit, Severity
from ops.check.manifest.containers import containers, listeners, port_of
from ops.check.registry import rule
from ops.check.subject.model import Subject, Variant
from ops.check.subject.plain import Location, dig, listed, mapping, text
from ops.copilot.workload import APP_RUNNER, FARGATE

_COMMAND = "https://aws.github.io/copilot-cli/docs/manifest/backend-service/#command"
_OVERRIDES = "https://aws.github.io/copilot-cli/docs/developing/overrides/taskdef-overrides/"
_INDEX = re.compile(r"ContainerDefinitions\[(\d{1,9})\].*", re.DOTALL | re.ASCII)
_SHORT_FORMS = frozenset(
    {"!FindInMap", "!GetAtt", "!If", "!ImportValue", "!Ref", "!Select", "!Sub"}
)
_APPENDS = "ContainerDefinitions[-]"


# Fields that the templates of services write without quotes, found by asking the CLI.
_FIELDS: tuple[tuple[str, ...], ...] = (
    ("image", "credentials"),
    ("logging", "image"),
    ("logging", "configFilePath"),
    ("nlb", "alias"),
    ("network", "connect", "alias"),
    ("network", "vpc", "placement", "subnets"),
    ("network", "vpc", "security_groups"),
    ("network", "vpc", "security_groups", "groups"),
)


@rule(Severity.ERROR, _COMMAND)
def text_breaks_template(subject: Subject) -> Iterator[Hit]:
    """A text of the manifest is not plain text in the rendered template.

    Why: Copilot writes commands, aliases and names of secrets, variables, volumes and security
    groups without quotes. Copilot or AWS refuses the result, or a part of it is lost as a comment.

    Fix: Use a text that YAML reads as it is, or quote it twice, such as `command: [sh, -c, "'echo
    a: b'"]`. Move a script into the image.
    """
    for variant in subject.variants(*FARGATE, APP_RUNNER):
        for at, part in _unquoted(variant):
            is_function = at[:2] == ("network", "vpc") and _is_function(part)
            if "${" not in part and not _stays(part) and not is_function:
                yield variant.hit(at, f"`{_short(part)}` is not plain text in YAML")


def _unquoted(variant: Variant) -> Iterator[tuple[Location, str]]:
    """Yield each text that Copilot writes without quotes, and its place in the manifest."""
    if variant.type == APP_RUNNER:
        yield ("command",), text(dig(variant.data, "command")) or ""
        return
    names = mapping(dig(variant.data, "sidecars"))
    for at in ((), *(("sidecars", name) for name in names)):
        for name in ("entrypoint", "command"):
            written = dig(variant.data, *at, name)
            parts = written if isinstance(written, list) else _split(text(written) or "")
            for part in parts:
                yield (*at, name), text(part) or ""
        for name, secret in mapping(dig(variant.data, *at, "secrets")).items():
            yield (*at, "secrets", name), text(secret) or ""
        for name in mapping(dig(variant.data, *at, "variables")):
            yield (*at, "variables", name), name
    for name in names:
        for field in (("image",), ("image", "location"), ("credentialsParameter",)):
            at = ("sidecars", name, *field)
            yield at, text(dig(variant.data, *at)) or ""
    yield from _unquoted_fields(variant)


def _unquoted_fields(variant: Variant) -> Iterator[tuple[Location, str]]:
    """Yield the fields outside of containers that Copilot writes without quotes."""
    for field in _FIELDS:
        written = dig(variant.data, *field)
        for item in written if isinstance(written, list) else [written]:
            name = dig(item, "name") or dig(item, "from_cfn") or item
            yield field, text(name) or ""
    for place, listener in listeners(variant):
        if port_of(listener.get("port"))[1] == "TLS":
            yield (*place, "ssl_policy"), text(listener.get("ssl_policy")) or ""
    at = ("storage", "volumes")
    for name, volume in mapping(dig(variant.data, *at)).items():
        yield (*at, name), name
        for field in (
            ("efs", "id"),
            ("efs", "id", "from_cfn"),
            ("efs", "auth", "access_point_id"),
        ):
            yield (*at, name, *field), text(dig(volume, *field)) or ""
    for section in ("variables", "secrets", "secretOptions", "destination"):
        for name, written in mapping(dig(variant.data, "logging", section)).items():
            yield ("logging", section, name), name
            if section in {"secrets", "secretOptions"}:
                yield ("logging", section, name), text(written) or ""


def _split(command: str) -> list[str]:
    try:
        return shlex.split(command, comments=True)
    except ValueError:  # a quote that is open, which `value-not-allowed` reports
        return []


def _stays(part: str) -> bool:
    """Return whether a text is the same text as an item of a YAML list."""
    try:
        read = yaml.load(f"- {part}\n- end", Loader=yaml.BaseLoader)  # noqa: S506 - makes texts only
    except (yaml.YAMLError, ValueError, RecursionError):
        return False
    return read in ([part.strip(), "end"], [_unwrapped(part), "end"])


def _is_function(part: str) -> bool:
    """Return whether a text is one of CloudFormation's functions, which fits in lists of IDs.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
    """
    try:
        item = yaml.compose(part, Loader=yaml.BaseLoader)
    except (yaml.YAMLError, RecursionError):
        return False
    if isinstance(item, yaml.MappingNode) and len(item.value) == 1:
        name = str(item.value[0][0].value)
        return name == "Ref" or name.startswith("Fn::")
    return item is not None and item.tag in _SHORT_FORMS


def _unwrapped(part: str) -> str | None:
    """Return the text inside the quotes that were written for the template."""
    first, last = part[:1], part[-1:]
    if len(part) > 1 and first == last and first in "\"'":
        read = yaml.load(part, Loader=yaml.BaseLoader)  # noqa: S506 - it was read just now
        return read if isinstance(read, str) else None
    return None


def _short(part: str) -> str:
    line = part.partition("\n")[0]
    return line if line == part and len(part) <= 40 else f"{line[:37]}…"


@rule(
    Severity.ERROR,
    "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-importvalue.html",
)
def import_without_name(subject: Subject) -> Iterator[Hit]:
    """A value is imported from a stack by an empty name.

    Why: The deployment fails: Copilot packages it, and CloudFormation refuses `Fn::ImportValue` of
    nothing.

    Fix: Write the name of the stack's export as text.
    """
    for variant in subject.variants(*FARGATE, APP_RUNNER):
        for section in ("network", "storage", "variables", "secrets", "sidecars", "logging"):
            # `value-not-allowed` reports the variables of a task on Fargate, which Copilot refuses.
            if section == "variables" and variant.type != APP_RUNNER:
                continue
            for at in _empty_imports(dig(variant.data, section), (section,)):
                yield variant.hit(at, "`from_cfn` has no name")


def _empty_imports(value: object, at: Location) -> Iterator[Location]:
    entries = enumerate(value) if isinstance(value, list) else mapping(value).items()
    for key, below in entries:
        if key == "from_cfn" and below is not None and not text(below):
            yield (*at, key)
        elif isinstance(below, list | dict):
            yield from _empty_imports(below, (*at, key))


@rule(Severity.ERROR, _OVERRIDES)
def override_of_no_container(subject: Subject) -> Iterator[Hit]:
    """An override changes a container that the task does not have.

    Why: Copilot refuses it.

    Fix: Correct the index (the main container is number 0), or write `ContainerDefinitions[-]` to
    add a container.
    """
    for variant in subject.variants(*FARGATE):
        overrides = listed(("taskdef_overrides",), dig(variant.data, "taskdef_overrides"))
        paths = [(at, str(dig(override, "path"))) for at, override in overrides]
        if any(path.startswith(_APPENDS) for _, path in paths):
            continue
        tracing = dig(variant.data, "observability", "tracing") is not None  # adds a container
        count = len(containers(variant)) + tracing
        for at, path in paths:
            match = _INDEX.fullmatch(path)
            if match and int(match[1]) >= count:
                yield variant.hit((*at, "path"), f"`{path}`, but the task has {count} containers")
