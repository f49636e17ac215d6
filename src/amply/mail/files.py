"""Mail as files, for laptops and tests."""

import os
from email.message import EmailMessage
from pathlib import Path
from uuid import uuid4

from amply.base.errors import MailUnavailable
from amply.mail.mailer import Mail


class FileMailer:
    """A mailer that writes each mail to `<key>.eml` in a directory, and never overwrites one."""

    def __init__(self, directory: Path, sender: str) -> None:
        self._directory = directory
        self._sender = sender

    def send(self, mail: Mail) -> None:
        """See Mailer.send."""
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = self._sender, mail.to, mail.subject
        message.set_content(mail.text)
        draft = self._directory / f".{uuid4()}"
        try:
            self._directory.mkdir(parents=True, exist_ok=True)
            draft.write_bytes(message.as_bytes())
            try:
                os.link(draft, self._directory / f"{mail.key}.eml")
            except FileExistsError:
                return  # delivered before: the same key is the same mail
            finally:
                draft.unlink()
        except OSError as error:
            raise MailUnavailable(f"MAIL_DIRECTORY: {error.strerror}") from error
