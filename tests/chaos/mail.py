"""Slow mail, in a service that is about to start."""

import random
import time

from amply.mail.files import FileMailer
from amply.mail.mailer import Mail


def slow_down() -> None:
    """Delay the answer to each mail by as long as SES takes."""
    at_once = FileMailer.send

    def send(mailer: FileMailer, mail: Mail) -> None:
        at_once(mailer, mail)
        time.sleep(random.uniform(0.1, 0.4))  # noqa: S311 - no secret hangs on it

    FileMailer.send = send  # type: ignore[assignment, method-assign]
