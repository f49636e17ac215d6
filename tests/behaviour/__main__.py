"""Ask an endpoint all cases: `python -m tests.behaviour --endpoint URL [--minute SECONDS]`."""

from __future__ import annotations

import argparse
import contextlib
import sys
import time
import urllib.request
import uuid
from collections import Counter
from typing import Any

import boto3
from botocore.config import Config

from tests.behaviour.case import NotAskableError, Outcome, ask
from tests.behaviour.cases import CASES


class Endpoint:
    """An endpoint behind a URL.

    Each world is an account of its own where the access key of twelve digits names one, as in
    LocalStack and MiniStack. moto has one account: it is reset.

    :param minute: the real seconds that a minute of its control plane takes; 0 if time cannot be
        made to pass
    """

    def __init__(self, url: str, region: str, minute: float) -> None:
        self._url = url
        self._region = region
        self._minute = minute
        self._key = f"{uuid.uuid4().int % 10**12:012d}"
        reset = urllib.request.Request(f"{url}/moto-api/reset", method="POST")  # noqa: S310
        with contextlib.suppress(OSError), urllib.request.urlopen(reset, timeout=10):  # noqa: S310
            pass

    def client(self, service: str) -> Any:
        """Return a client."""
        return boto3.Session(self._key, "secret", region_name=self._region).client(
            service,  # type: ignore[call-overload]
            endpoint_url=self._url,
            config=Config(retries={"total_max_attempts": 1}),
        )

    def minutes(self, number: float) -> None:
        """Wait for some minutes of the endpoint's control plane."""
        if not self._minute:
            raise NotAskableError("time cannot be made to pass; --minute says how long one takes")
        time.sleep(number * self._minute)

    def run_tasks(self, number: int) -> None:
        """Raise NotAskableError: another emulator runs no tasks for us."""
        raise NotAskableError(f"{number} running tasks cannot be asked for")


def main() -> None:
    """Print the outcome of each case, then the totals. Exit with 1 if a case failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.behaviour", description=__doc__)
    parser.add_argument("--endpoint", required=True, help="URL of the endpoint")
    parser.add_argument("--region", default="eu-central-1")
    parser.add_argument("--minute", type=float, default=0, help="seconds that a minute takes")
    given = parser.parse_args()
    outcomes: Counter[Outcome] = Counter()
    for case in CASES:
        outcome, why = ask(case, Endpoint(given.endpoint, given.region, given.minute))
        outcomes[outcome] += 1
        reason = f": {why}" if why else ""
        sys.stdout.write(f"{outcome.value:12} {case.rule}{reason}\n")
    sys.stdout.write(", ".join(f"{outcomes[each]} {each.value}" for each in Outcome) + "\n")
    raise SystemExit(bool(outcomes[Outcome.FAILED]))


if __name__ == "__main__":
    main()
