"""Requests to a workspace's application: one, or many that a file describes."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any
from uuid import uuid4

if TYPE_CHECKING:
    from ops.copilot.workspace import Load

AT_ONCE = 16
"""Requests side by side."""
_PATIENCE = 15.0
"""Seconds for one answer."""


def ask(
    url: str, method: str = "GET", body: Any = None, headers: dict[str, str] | None = None
) -> tuple[int, Any]:
    """Return the status and the JSON of an answer; status 0 without an answer."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(  # noqa: S310 - of loopback
        url, data, {"Content-Type": "application/json", **(headers or {})}, method=method
    )
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=_PATIENCE) as answer:
            status, text = answer.status, answer.read()
    except urllib.error.HTTPError as error:
        status, text = error.code, error.read()
    except OSError:
        return 0, None
    try:
        return status, json.loads(text or b"null")
    except ValueError:
        return status, None


def send(url: str, load: Load, number: int, at_once: int = AT_ONCE) -> list[tuple[int, Any]]:
    """Send a request so many times, and return the status and the JSON of each answer.

    `{unique}` in headers and body is another text in each.

    :param url: of the load balancer, without a path
    """

    def one(_: int) -> tuple[int, Any]:
        unique = str(uuid4())
        body, headers = _filled(load.body, unique), _filled(load.headers, unique)
        return ask(url + load.path, load.method, body, headers)

    with ThreadPoolExecutor(at_once) as pool:
        return list(pool.map(one, range(number)))


def _filled(value: Any, unique: str) -> Any:
    """Return a JSON value with `{unique}` replaced in its texts."""
    match value:
        case str():
            return value.replace("{unique}", unique)
        case dict():
            return {name: _filled(item, unique) for name, item in value.items()}
        case list() | tuple():
            return [_filled(item, unique) for item in value]
        case _:
            return value
