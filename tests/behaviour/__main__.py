"""Ask an endpoint: `python -m tests.behaviour --endpoint URL [--minute SECONDS] [--at-once N]`."""

from __future__ import annotations

import argparse
import contextlib
import sys
import time
import urllib.request
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.behaviour.case import Case, NotAskableError, Outcome, ask
from tests.behaviour.cases import CASES

_PROBES: dict[str, tuple[str, dict[str, str]]] = {
    "application-autoscaling": ("describe_scalable_targets", {"ServiceNamespace": "ecs"}),
    "cloudwatch": ("describe_alarms", {}),
    "ecs": ("list_clusters", {}),
    "logs": ("describe_log_groups", {}),
}
"""A call of each service that every endpoint answers which has the service."""


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
        """Return a client. Raise NotAskableError if the endpoint does not have the service."""
        client = boto3.Session(self._key, "secret", region_name=self._region).client(
            service,  # type: ignore[call-overload]
            endpoint_url=self._url,
            config=Config(retries={"total_max_attempts": 1}),
        )
        operation, parameters = _PROBES[service]
        try:
            getattr(client, operation)(**parameters)
        except ClientError as error:
            raise NotAskableError(
                f"it does not answer {operation} of {service}: {error}"
            ) from error
        return client

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
    parser.add_argument(
        "--at-once", type=int, default=1, help="cases side by side, each in its account"
    )
    given = parser.parse_args()
    outcomes: Counter[Outcome] = Counter()

    def answer(case: Case) -> tuple[Outcome, str]:
        return ask(case, Endpoint(given.endpoint, given.region, given.minute))

    with ThreadPoolExecutor(given.at_once) as pool:
        for case, (outcome, why) in zip(CASES, pool.map(answer, CASES), strict=True):
            outcomes[outcome] += 1
            reason = f": {why}" if why else ""
            sys.stdout.write(f"{outcome.value:12} {case.rule}{reason}\n")
    sys.stdout.write(", ".join(f"{outcomes[each]} {each.value}" for each in Outcome) + "\n")
    raise SystemExit(bool(outcomes[Outcome.FAILED]))


if __name__ == "__main__":
    main()
