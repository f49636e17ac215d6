"""Mail that takes its time and remembers nothing, in a service that is about to start."""

import random
import time
from dataclasses import replace
from uuid import uuid4

from amply.mail.files import FileMailer
from amply.mail.mailer import Mail


def as_ses() -> None:
    """Have each mail take as long as SES's answer, and deliver it again under the same key.

    What dies meanwhile has sent it. SES knows no key: what is handed over twice arrives twice.
    """
    at_once = FileMailer.send

    def send(mailer: FileMailer, mail: Mail) -> None:
        at_once(mailer, replace(mail, key=f"{mail.key}.{uuid4()}"))
        time.sleep(random.uniform(0.1, 0.4))  # noqa: S311 - no secret hangs on it

    FileMailer.send = send  # type: ignore[assignment, method-assign]
