"""The messages that would have left this machine: notifications of alarms, and mails as files."""

from __future__ import annotations

import email
import email.policy
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypedDict

from ops.local.plane import notifications

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SHOWN = 50
"""The newest of them."""
_FOLDER = "mails"


class Mail(TypedDict):
    """A message as the page shows it."""

    time: str
    to: str
    subject: str
    text: str


def newest(directory: Path) -> list[Mail]:
    """Return the newest messages below `OPS_LOCAL_DIR`, the newest first.

    A workspace writes its mails to the directory `mails` there, one `.eml` file each.
    """
    messages = [*_notifications(directory / notifications.FILE), *_files(directory / _FOLDER)]
    return sorted(messages, key=lambda mail: mail["time"], reverse=True)[:SHOWN]


def _notifications(path: Path) -> Iterator[Mail]:
    if not path.exists():
        return
    for line in path.read_text().splitlines()[-SHOWN:]:
        sent = json.loads(line)
        message = sent["message"]
        text = message if isinstance(message, str) else message.get("NewStateReason", "")
        yield Mail(time=sent["time"], to=sent["to"], subject=sent["subject"], text=text)


def _files(folder: Path) -> Iterator[Mail]:
    if not folder.is_dir():
        return
    paths = sorted(folder.glob("*.eml"), key=lambda path: path.stat().st_mtime)
    for path in paths[-SHOWN:]:
        written = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        body = message.get_body(("plain",))
        yield Mail(
            time=written.isoformat(timespec="seconds"),
            to=str(message["To"]),
            subject=str(message["Subject"]),
            text=body.get_content() if body else "",
        )
