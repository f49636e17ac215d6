"""Requests to the application: loads, and the question whether it still answers."""

from __future__ import annotations

import json
import threading
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any
from uuid import uuid4

if TYPE_CHECKING:
    from ops.local.gameday.evidence import Evidence
    from ops.local.gameday.story import Each, Load, Serving

_PATIENCE = 15.0
"""Seconds for one answer."""
_PAUSE = 0.2
"""Seconds between two requests of a probe."""


def ask(
    url: str, method: str = "GET", body: Any = None, headers: dict[str, str] | None = None
) -> tuple[int, Any]:
    """Return the status of an answer, 0 if there is none, and its JSON."""
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


def send(url: str, load: Load, evidence: Evidence) -> list[str]:
    """Send the requests of a load, and return the ids of what they made."""

    def one(_: int) -> str | None:
        unique = str(uuid4())
        body = _filled(load.body, unique)
        status, answer = ask(url + load.path, load.method, body, _filled(load.headers, unique))
        if status != load.status:
            return f"!{status}"
        return str(answer[load.id]) if isinstance(answer, dict) and load.id in answer else None

    with ThreadPoolExecutor(load.at_once) as pool:
        answers = list(pool.map(one, range(load.number)))
    refused = [answer[1:] for answer in answers if answer and answer.startswith("!")]
    evidence.refused += [f"status {status}" for status in refused]
    evidence.made += len(answers) - len(refused)
    return [answer for answer in answers if answer and not answer.startswith("!")]


def unsettled(url: str, each: Each, ids: list[str], patience: float) -> list[str]:
    """Wait until all that loads have made is as it should be; return what is not after a time."""
    deadline = time.monotonic() + patience
    left = ids
    with ThreadPoolExecutor(8) as pool:
        while True:
            shown = pool.map(lambda thing: (thing, _field(url, each, thing)), left)
            wrong = {thing: value for thing, value in shown if value != each.value}
            left = list(wrong)
            if not left or time.monotonic() > deadline:
                return [f"{thing} is {value}" for thing, value in wrong.items()]
            time.sleep(_PAUSE)


class Probe:
    """A request that is made all the time, in a thread of its own."""

    def __init__(self, url: str, serving: Serving, evidence: Evidence) -> None:
        self._url = url + serving.path
        self._serving = serving
        self._evidence = evidence
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop after the present request."""
        self._ending.set()
        self._thread.join(_PATIENCE)

    def _run(self) -> None:
        while not self._ending.wait(_PAUSE):
            status, _ = ask(self._url)
            self._evidence.asked += 1
            if status != self._serving.status:
                self._evidence.unserved.append(f"status {status}")


def _field(url: str, each: Each, thing: str) -> str | None:
    _, answer = ask(url + each.path.replace("${ID}", thing))
    return str(answer.get(each.field)) if isinstance(answer, dict) else None


def _filled(value: Any, unique: str) -> Any:
    """Return a value in which each `${UNIQUE}` is a unique text."""
    if isinstance(value, str):
        return value.replace("${UNIQUE}", unique)
    if isinstance(value, list):
        return [_filled(each, unique) for each in value]
    if isinstance(value, dict):
        return {name: _filled(each, unique) for name, each in value.items()}
    return value
