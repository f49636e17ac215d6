"""Notifications: SNS's subscribers hear of an alarm's change of state and of events.

Queues and HTTP addresses on loopback get it as from SNS. Everything else (email, text messages,
addresses on other machines) is written to a file: an embedded AWS must not page anybody.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-sns.html
"""

from __future__ import annotations

import ipaddress
import json
import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import requests
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.sns.models import sns_backends
from moto.sqs.exceptions import QueueDoesNotExist

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

FILE = "notifications.jsonl"


class Notifications:
    """Sends messages to topics. HTTP is slow and may hang, so each has a thread of its own."""

    def __init__(self, region: str, path: Path | None, report: Callable[[str], None]) -> None:
        self._region = region
        self._path = path
        self._report = report
        self._writing = threading.Lock()

    def publish(self, topic_arn: str, subject: str, message: dict[str, Any] | str) -> int:
        """Send a message to each subscriber of a topic, and return how many there are."""
        backend = sns_backends[DEFAULT_ACCOUNT_ID][self._region]
        if topic_arn not in backend.topics:
            return 0  # CloudWatch does not check that an action exists
        subscribers, _ = backend.list_subscriptions_by_topic(topic_arn=topic_arn)
        text = message if isinstance(message, str) else json.dumps(message)
        for subscriber in list(subscribers):
            if subscriber.protocol == "sqs" or _is_local(subscriber.endpoint):
                threading.Thread(
                    target=self._send, args=(subscriber, text, subject), daemon=True
                ).start()
            else:
                self._write(topic_arn, subscriber, subject, message)
        return len(subscribers)

    def _send(self, subscriber: Any, text: str, subject: str) -> None:
        try:
            subscriber.publish(text, f"{id(text):032x}", subject=subject)
        except (requests.RequestException, QueueDoesNotExist) as error:
            self._report(f"A notification to {subscriber.endpoint} failed: {error}")

    def _write(
        self, topic: str, subscriber: Any, subject: str, message: dict[str, Any] | str
    ) -> None:
        if self._path is None:
            return
        entry = {
            "time": datetime.now(UTC).isoformat(timespec="seconds"),
            "topic": topic,
            "protocol": subscriber.protocol,
            "to": subscriber.endpoint,
            "subject": subject,
            "message": message,
        }
        with self._writing, self._path.open("a") as file:
            file.write(json.dumps(entry) + "\n")


def _is_local(address: str) -> bool:
    """Tell whether an address is an HTTP one of this machine."""
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https"):
        return False
    if parts.hostname == "localhost":
        return True
    try:
        return ipaddress.ip_address(parts.hostname or "").is_loopback
    except ValueError:
        return False
