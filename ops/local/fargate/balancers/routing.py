"""The routing of a request to a rule of a listener: pure functions.

https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-condition-types.html
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

CONFIGS = {
    "path-pattern": "PathPatternConfig",
    "host-header": "HostHeaderConfig",
    "http-request-method": "HttpRequestMethodConfig",
    "http-header": "HttpHeaderConfig",
    "query-string": "QueryStringConfig",
    "source-ip": "SourceIpConfig",
}
"""Every kind of condition, and where the API keeps its values."""


@dataclass(frozen=True)
class Request:
    """The parts of a request that conditions use."""

    method: str
    host: str
    path: str
    query: tuple[tuple[str, str], ...]
    headers: Mapping[str, Sequence[str]]
    """By lower-case name."""
    source: str


@dataclass(frozen=True)
class Rule:
    """Conditions that must all match, and the actions that follow, in the API's form."""

    priority: float
    """The default rule's is infinite."""
    conditions: tuple[Mapping[str, Any], ...]
    actions: tuple[Mapping[str, Any], ...]


def route(rules: Iterable[Rule], request: Request) -> Mapping[str, Any] | None:
    """Return the last action (those before it authenticate) of the first matching rule."""
    for rule in sorted(rules, key=lambda rule: rule.priority):
        if all(_met(condition, request) for condition in rule.conditions):
            return rule.actions[-1] if rule.actions else None
    return None


def weighted_groups(action: Mapping[str, Any]) -> dict[str, int]:
    """Return the weight of each target group that a `forward` action names."""
    groups = (action.get("ForwardConfig") or {}).get("TargetGroups") or ()
    weights = {group["TargetGroupArn"]: int(group.get("Weight", 1)) for group in groups}
    return weights or {action["TargetGroupArn"]: 1}


def redirect_location(config: Mapping[str, Any], request: Request, port: int) -> str:
    """Return the target of a `redirect` action: the request's own parts unless replaced.

    https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_RedirectActionConfig.html
    """
    own = {
        "protocol": "HTTP",
        "host": request.host,
        "port": str(port),
        "path": request.path.removeprefix("/"),
        "query": "&".join(f"{key}={value}" for key, value in request.query),
    }
    fill = {f"#{{{name}}}": value for name, value in own.items()}

    def part(name: str, default: str) -> str:
        text = str(config.get(name) or default)
        return re.sub(r"#\{\w+\}", lambda match: fill.get(match[0], match[0]), text)

    protocol = part("Protocol", "#{protocol}").lower()
    place = f"{part('Host', '#{host}')}:{part('Port', '#{port}')}"
    query = part("Query", "#{query}")
    return f"{protocol}://{place}{part('Path', '/#{path}')}" + (f"?{query}" if query else "")


def _met(condition: Mapping[str, Any], request: Request) -> bool:
    kind = condition["Field"]
    config = condition.get(CONFIGS[kind]) or {}
    values = config.get("Values") or condition.get("Values") or ()
    match kind:
        case "path-pattern":
            return any(_like(value, request.path) for value in values)
        case "host-header":
            return any(_like(value.lower(), request.host.lower()) for value in values)
        case "http-request-method":
            return request.method in values
        case "http-header":
            sent = request.headers.get(config["HttpHeaderName"].lower(), ())
            return any(_like(v.lower(), text.lower()) for v in values for text in sent)
        case "query-string":
            return any(_in_query(value, request.query) for value in values)
        case _:
            source = ipaddress.ip_address(request.source)
            return any(source in ipaddress.ip_network(value) for value in values)


def _in_query(pair: Mapping[str, str], query: Iterable[tuple[str, str]]) -> bool:
    key, value = pair.get("Key", "*").lower(), pair["Value"].lower()
    return any(_like(key, k.lower()) and _like(value, v.lower()) for k, v in query)


def _like(pattern: str, text: str) -> bool:
    """Return whether a text matches AWS's wildcards: `*` any number of characters, `?` one."""
    parts = (".*" if c == "*" else "." if c == "?" else re.escape(c) for c in pattern)
    return re.fullmatch("".join(parts), text, re.DOTALL) is not None
