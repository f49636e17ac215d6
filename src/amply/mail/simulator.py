"""SES's mailbox simulator, for laptops: mail to its addresses bounces, or causes a complaint.

https://docs.aws.amazon.com/ses/latest/dg/send-an-email-from-console.html
"""

import json
from typing import Any

from amply.mail.mailer import Mail, Mailer

_DOMAIN = "@simulator.amazonses.com"


class Simulator:
    """Hands mail on, and puts SES's event about it into the queue that SES's events come to."""

    def __init__(self, mailer: Mailer, queue_url: str, region: str) -> None:
        self._mailer = mailer
        self._url = queue_url
        self._region = region

    def send(self, mail: Mail) -> str | None:
        """See Mailer.send."""
        message_id = self._mailer.send(mail)
        local, _, domain = mail.to.lower().rpartition("@")
        events = {"bounce": _bounced, "complaint": _complained}
        if f"@{domain}" == _DOMAIN and local in events:
            # Loaded here: only a laptop's worker needs it.
            import boto3  # noqa: PLC0415

            event = {**events[local](mail.to), "mail": {"tags": {"key": [mail.key]}}}
            client: Any = boto3.client("sqs", region_name=self._region)
            client.send_message(QueueUrl=self._url, MessageBody=json.dumps(event))
        return message_id


def _bounced(address: str) -> dict[str, object]:
    bounce = {"bounceType": "Permanent", "bounceSubType": "General"}
    recipients = [{"emailAddress": address}]
    return {"eventType": "Bounce", "bounce": {**bounce, "bouncedRecipients": recipients}}


def _complained(address: str) -> dict[str, object]:
    complaint = {"complaintFeedbackType": "abuse"}
    recipients = [{"emailAddress": address}]
    return {
        "eventType": "Complaint",
        "complaint": {**complaint, "complainedRecipients": recipients},
    }
