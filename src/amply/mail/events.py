"""SES's word on mails: sent, bounced, complained about. It comes by SNS into a queue of its own.

https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html
"""

import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from email.utils import parseaddr
from enum import StrEnum
from typing import Any

logger = logging.getLogger(__name__)


class Outcome(StrEnum):
    """The kinds of events that Amply reads; `Other` changes nothing."""

    SENT = "Send"
    BOUNCED = "Bounce"
    COMPLAINED = "Complaint"
    OTHER = "Other"


@dataclass(frozen=True)
class MailEvent:
    """An event about one mail, by its `key`. `addresses` are those to which mail must end.

    A bounce that may pass, such as of a full mailbox, and a report that a mail is no spam name
    none.
    """

    outcome: Outcome
    key: str | None
    message_id: str | None
    addresses: tuple[str, ...] = ()
    detail: str | None = None


def read_event(body: str) -> MailEvent:
    """Read an event as SES publishes it. Raise ValueError if the body is not one."""
    try:
        event = json.loads(body)
        kind, mail = event["eventType"], event["mail"]
        key = next(iter(mail.get("tags", {}).get("key", [])), None)
        about = (key, mail.get("messageId"))
        if kind == Outcome.BOUNCED:
            bounce = event["bounce"]
            detail = f"{bounce['bounceType']} {bounce['bounceSubType']}"
            is_final = bounce["bounceType"] == "Permanent"
            addresses = _addresses(bounce["bouncedRecipients"]) if is_final else ()
            return MailEvent(Outcome.BOUNCED, *about, addresses, detail)
        if kind == Outcome.COMPLAINED:
            complaint = event["complaint"]
            detail = complaint.get("complaintFeedbackType")
            is_spam = detail != "not-spam"
            addresses = _addresses(complaint["complainedRecipients"]) if is_spam else ()
            return MailEvent(Outcome.COMPLAINED, *about, addresses, detail)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError("The message is not an event of SES's") from error
    return MailEvent(Outcome.SENT if kind == Outcome.SENT else Outcome.OTHER, *about)


class MailEvents:
    """The queue of SES's events."""

    def __init__(self, queue_url: str, region: str) -> None:
        # Loaded here: whoever only knows of the task does not need them.
        import boto3  # noqa: PLC0415
        from botocore.config import Config  # noqa: PLC0415

        self._url = queue_url
        config = Config(connect_timeout=3, read_timeout=10, retries={"total_max_attempts": 2})
        self._client: Any = boto3.client("sqs", region_name=region, config=config)

    def take(self, apply: Callable[[Sequence[MailEvent]], None]) -> int:
        """Apply up to ten events, delete them once that has succeeded, and return their number.

        What is not an event is left, and put aside by the queue after five deliveries.
        """
        messages = self._client.receive_message(QueueUrl=self._url, MaxNumberOfMessages=10)
        events: dict[str, MailEvent] = {}
        for message in messages.get("Messages", []):
            try:
                events[message["ReceiptHandle"]] = read_event(message["Body"])
            except ValueError:
                fields = {"message_id": message["MessageId"]}
                logger.exception("Message in the queue of mail events not read", extra=fields)
        if events:
            apply(list(events.values()))
            entries = [{"Id": str(n), "ReceiptHandle": h} for n, h in enumerate(events)]
            self._client.delete_message_batch(QueueUrl=self._url, Entries=entries)
        return len(events)


def _addresses(recipients: Sequence[dict[str, str]]) -> tuple[str, ...]:
    parsed = (parseaddr(recipient["emailAddress"])[1] for recipient in recipients)
    return tuple(address for address in parsed if address)
