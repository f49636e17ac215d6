"""Mail that takes its time and remembers nothing, in a service that is about to start."""

import random
import time
from dataclasses import replace
from uuid import uuid4

from amply.mail.files import FileMailer
from amply.mail.mailer import Mail

ANSWERED = ".answered"
"""The ending of an empty file beside a mail whose sender was told that it was sent."""


def as_ses() -> None:
    """Have each mail take as long as SES's answer, and deliver it again under the same key.

    What dies meanwhile has sent it, without an answer. SES knows no key: what is handed over twice
    arrives twice.
    """
    at_once = FileMailer.send

    def send(mailer: FileMailer, mail: Mail) -> None:
        folder = mailer._directory / mail.key.partition("-")[0]  # of the donation: few to look at
        key = f"{mail.key}.{uuid4()}"
        at_once(FileMailer(folder, mailer._sender), replace(mail, key=key))
        time.sleep(random.uniform(0.1, 0.4))  # noqa: S311 - no secret hangs on it
        (folder / f"{key}{ANSWERED}").touch()

    FileMailer.send = send  # type: ignore[assignment, method-assign]
