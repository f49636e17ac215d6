"""Mail that takes its time, in a service that is about to start."""

import random
import time

from amply.mail.files import FileMailer
from amply.mail.mailer import Mail


def slow_down() -> None:
    """Have the answer to each mail take as long as SES's: what dies meanwhile has sent it."""
    at_once = FileMailer.send

    def send(mailer: FileMailer, mail: Mail) -> None:
        at_once(mailer, mail)
        time.sleep(random.uniform(0.1, 0.4))  # noqa: S311 - no secret hangs on it

    FileMailer.send = send  # type: ignore[assignment, method-assign]
