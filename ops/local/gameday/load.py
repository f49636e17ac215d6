"""Requests to the application: loads, and a probe that checks whether it answers."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from ops.local import load as loads
from ops.local.load import ask

if TYPE_CHECKING:
    from ops.local.gameday.evidence import Evidence
    from ops.local.gameday.story import Each, Load, Serving

_PATIENCE = 15.0
"""Seconds for one answer."""
_PAUSE = 0.2
"""Seconds between two requests of a probe."""


def send(url: str, load: Load, evidence: Evidence) -> list[str]:
    """Send the requests of a load, and return the ids of what they made."""
    answers = loads.send(url, load, load.number, load.at_once)
    refused = [status for status, _ in answers if status != load.status]
    evidence.refused += [f"status {status}" for status in refused]
    evidence.made += len(answers) - len(refused)
    return [
        str(answer[load.id])
        for status, answer in answers
        if status == load.status and isinstance(answer, dict) and load.id in answer
    ]


def unsettled(url: str, condition: Each, ids: list[str], patience: float) -> list[str]:
    """Wait until all created objects meet a condition; return those that do not in time."""
    deadline = time.monotonic() + patience
    left = ids
    with ThreadPoolExecutor(8) as pool:
        while True:
            shown = pool.map(lambda thing: (thing, _field(url, condition, thing)), left)
            wrong = {thing: value for thing, value in shown if value != condition.value}
            left = list(wrong)
            if not left or time.monotonic() > deadline:
                return [f"{thing} is {value}" for thing, value in wrong.items()]
            time.sleep(_PAUSE)


class Probe:
    """A request that is repeated without a pause, in its own thread."""

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


def _field(url: str, condition: Each, thing: str) -> str | None:
    _, answer = ask(url + condition.path.replace("{id}", thing))
    return str(answer.get(condition.field)) if isinstance(answer, dict) else None
