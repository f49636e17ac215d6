"""Operations of the embedded AWS that no API of AWS has: interrupt Spot tasks, run faster.

`POST /_ops/NAME` with a JSON object, on the endpoint of the embedded AWS. The answer is JSON:
`result`, or `error` and `hint`.
"""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Any

from ops.base.errors import OpsError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
    Operations = Mapping[str, Callable[..., Any]]

_PREFIX = "/_ops/"
_PATIENCE = 30.0  # seconds


def in_front_of(application: Application, operations: Operations) -> Application:
    """Return an application that carries out operations, and passes on the rest."""

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        path = str(environ.get("PATH_INFO", ""))
        if environ.get("REQUEST_METHOD") != "POST" or not path.startswith(_PREFIX):
            return application(environ, start_response)
        length = int(environ.get("CONTENT_LENGTH") or 0)
        arguments = json.loads(environ["wsgi.input"].read(length) or b"{}")
        try:
            body = {"result": _operation(operations, path.removeprefix(_PREFIX))(**arguments)}
        except OpsError as error:
            body = {"error": error.what, "hint": error.next_step}
        data = json.dumps(body).encode()
        headers = [("Content-Type", "application/json"), ("Content-Length", str(len(data)))]
        start_response("200 OK" if "result" in body else "400 Bad Request", headers)
        return [data]

    return answer


def call(endpoint: str, name: str, **arguments: object) -> Any:
    """Call an operation of a running embedded AWS, and return its result. Raise OpsError."""
    request = urllib.request.Request(  # noqa: S310 - our own endpoint
        f"{endpoint}{_PREFIX}{name}", json.dumps(arguments).encode(), method="POST"
    )
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=_PATIENCE) as answer:
            return json.load(answer)["result"]
    except urllib.error.HTTPError as error:
        problem = json.load(error)
        raise OpsError(problem["error"], problem["hint"]) from error
    except OSError as error:
        raise OpsError(f"The embedded AWS does not answer: {error}") from error


def _operation(operations: Operations, name: str) -> Callable[..., Any]:
    if name not in operations:
        raise OpsError(f"The embedded AWS has no operation `{name}`", "Restart `ops local up`.")
    return operations[name]
