"""The words of `manifest_fields.yml`: how Copilot reads a scalar, and which values it accepts."""

import ipaddress
import re
import shlex
from collections.abc import Callable
from dataclasses import dataclass

import yaml

from ops.check.subject.plain import seconds

# What Go's YAML reads into a boolean besides true and false: gopkg.in/yaml.v3, decode.go.
_PLAIN_BOOLEANS = {"true", "True", "TRUE", "false", "False", "FALSE"}
_BOOLEANS = {"y", "Y", "yes", "on", "n", "N", "no", "off"}
# A variable whose value only a deploy knows; an environment's name is neither yes nor a duration.
_UNKNOWN = re.compile(r"\$\{(?!COPILOT_(APPLICATION|ENVIRONMENT)_NAME\})")
_INTEGER = re.compile(r"[-+]?(0[xX][0-9a-fA-F]+|0[oO]?[0-7]+|0[bB][01]+|0|[1-9][0-9]*)")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_INFINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_LONGEST = 300  # digits; a float holds 308

_MOST = {"int": 2**63 - 1, "uint16": 2**16 - 1, "uint32": 2**32 - 1}
_TYPES = {
    "int": "a whole number",
    "uint16": "a whole number from 0 to 65535",
    "uint32": "a whole number from 0 to 4294967295",
    "float": "a number",
    "bool": "true or false",
    "duration": "a duration such as 30s",
    "text": "text",
    "texts": "text or a list of texts",
}


def _matches(pattern: str) -> Callable[[str], bool]:
    compiled = re.compile(pattern, re.ASCII)
    return lambda text: compiled.fullmatch(text) is not None


def _port(protocols: str) -> Callable[[str], bool]:
    """Return a check of `port` or `port/protocol`."""
    shape = re.compile(rf"([0-9]{{1,9}})(/({protocols}))?", re.IGNORECASE | re.ASCII)

    def allows(text: str) -> bool:
        match = shape.fullmatch(text)
        return match is not None and int(match[1]) <= _MOST["uint16"]

    return allows


def _range(text: str) -> bool:
    """Return whether text is a range of ports that does not run backwards."""
    match = re.fullmatch(r"(\d{1,9})-(\d{1,9})", text, re.ASCII)
    return match is not None and int(match[1]) <= int(match[2])


def _network(text: str) -> bool:
    """Return whether Go's net.ParseCIDR reads text: an address, a slash and a number of bits."""
    address, slash, bits = text.partition("/")
    try:
        ipaddress.ip_interface(text)
    except ValueError:
        return False
    return bool(address and slash) and bits.isdecimal()


def _splits(text: str) -> bool:
    """Return whether a command's quotes are closed, as github.com/google/shlex reads them."""
    lexer = shlex.shlex(text, posix=True, punctuation_chars=False)
    lexer.whitespace_split = True
    try:
        list(lexer)
    except ValueError:
        return False
    return True


@dataclass(frozen=True)
class Kind:
    """A word of the table: a type, and the values that Copilot accepts."""

    type: str
    expected: str
    allows: Callable[[str], bool] = lambda _: True
    allows_numbers: bool = False  # any number, whatever `allows` says of the text


def _one_of(*words: str, ignoring_case: bool = True) -> Kind:
    listed = f"{', '.join(f'`{word}`' for word in words[:-1])} or `{words[-1]}`".removeprefix(
        " or "
    )
    if ignoring_case:
        return Kind("text", listed, lambda text: text.lower() in map(str.lower, words))
    return Kind("text", listed, lambda text: text in words)


_PATH = Kind("text", "a path of `a-zA-Z0-9.-_/`", _matches(r"[a-zA-Z0-9\-._/]*"))
_SEGMENT = r"[a-zA-Z0-9_-]+(\[(\d+|-)\])?"
_SERVICE = r"[a-z](?!.*--)[a-z0-9-]*[a-z0-9]"

# Each is a check of aws/copilot-cli: internal/pkg/manifest/validate.go and validate_env.go.
KINDS = {name: Kind(name, expected) for name, expected in _TYPES.items()} | {
    "filled": Kind("text", "text that is not empty", bool),
    "command": Kind("texts", "a command whose quotes are closed", _splits),
    "dependency": _one_of("start", "complete", "success", "healthy"),
    "mount path": _PATH,
    "path": _PATH,
    "container port": Kind("text", "a port, or a port with `/tcp` or `/udp`", _port("tcp|udp")),
    "listener port": Kind(
        "text", "a port, or a port with `/tcp`, `/udp` or `/tls`", _port("tcp|udp|tls")
    ),
    "port range": Kind(
        "text", "a port without quotes, or a range such as `8000-8010`", _range, allows_numbers=True
    ),
    "placement": _one_of("public", "private", ignoring_case=False),
    "override path": Kind(
        "text",
        "a path such as `ContainerDefinitions[0].Ulimits[-].HardLimit`, and neither `Family` nor a "
        "container's `Name`",
        _matches(rf"(?!Family$|ContainerDefinitions\[\d+\].Name$){_SEGMENT}(\.{_SEGMENT})*"),
    ),
    "topic": Kind(
        "text", "a name of letters, digits, hyphens and underscores", _matches(r"[\w-]*")
    ),
    "service": Kind(
        "text", "a service's name: lower-case letters, digits, single hyphens", _matches(_SERVICE)
    ),
    "http version": _one_of("grpc", "http1", "http2"),
    "cidr": Kind("text", "a network such as `10.1.0.0/16`", _network),
    "arn": Kind("text", "an ARN", _matches(r"arn:([^:]*:){4}.*")),
    "arn or nothing": Kind("text", "an ARN", _matches(r"arn:([^:]*:){4}.*|")),
    "deduplication scope": _one_of("messageGroup", "queue", ignoring_case=False),
    "throughput limit": _one_of("perMessageGroupId", "perQueue", ignoring_case=False),
    "tracing vendor": _one_of("awsxray"),
}


def number_of(node: yaml.ScalarNode) -> int | float | None:
    """Return the number that Go's YAML library reads; None for others, such as quoted text."""
    text = str(node.value).replace("_", "") if not node.style else ""
    if not text or len(text) > _LONGEST:
        return None
    if _INTEGER.fullmatch(text):
        digits = text.lstrip("+-0") or "0"
        is_octal = text.lstrip("+-")[:1] == "0" and digits.isdecimal() and digits != "0"
        value = int(digits, 8) if is_octal else int(text.lstrip("+-"), 0)
        return -value if text.startswith("-") else value
    if _FLOAT.fullmatch(text):
        return float(text)
    return float("inf") if _INFINITE.fullmatch(text) else None


def is_read(node: yaml.ScalarNode, kind: str) -> bool:
    """Return whether Copilot can read a scalar as a type. A value that only a deployment knows
    counts as readable.

    For Copilot `${…}` is text, never a number.
    """
    text = str(node.value)
    if kind in _MOST:
        value = number_of(node)
        least = -_MOST["int"] - 1 if kind == "int" else 0
        return value is not None and least <= value <= _MOST[kind]
    match kind:
        case "float":
            return number_of(node) is not None
        case "bool":
            is_plain = not node.style and text in _PLAIN_BOOLEANS
            return is_plain or text in _BOOLEANS or _UNKNOWN.search(text) is not None
        case "duration":
            is_zero = bool(node.style) and text == "0"
            return is_zero or seconds(text) is not None or _UNKNOWN.search(text) is not None
    return True
