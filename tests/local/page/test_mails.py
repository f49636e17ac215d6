"""Mails that the workspace would have sent."""

from __future__ import annotations

import json
import os
from email.message import EmailMessage
from typing import TYPE_CHECKING

from ops.local.page.mails import SHOWN, newest
from ops.local.plane import notifications

if TYPE_CHECKING:
    from pathlib import Path


def test_notifications_and_mails_are_one_list_the_newest_first(tmp_path: Path) -> None:
    sent = {
        "time": "2026-03-02T10:00:00+00:00",
        "to": "on-call@shop.example",
        "subject": 'ALARM: "jobs-old"',
        "message": {"NewStateReason": "12 > 10"},
    }
    (tmp_path / notifications.FILE).write_text(json.dumps(sent) + "\n")
    (tmp_path / "mails").mkdir()
    mail = EmailMessage()
    mail["To"], mail["Subject"] = "ada@example.org", "Your donation: thank you, Zoë"
    mail.set_content("Dear Ada")
    path = tmp_path / "mails" / "don_1.eml"
    path.write_bytes(bytes(mail))
    os.utime(path, (1772445660, 1772445660))  # 2026-03-02 10:01 UTC
    assert [(each["time"][11:16], each["to"], each["subject"]) for each in newest(tmp_path)] == [
        ("10:01", "ada@example.org", "Your donation: thank you, Zoë"),
        ("10:00", "on-call@shop.example", 'ALARM: "jobs-old"'),
    ]
    assert [each["text"].strip() for each in newest(tmp_path)] == ["Dear Ada", "12 > 10"]


def test_only_the_newest_are_shown(tmp_path: Path) -> None:
    line = json.dumps({"time": "2026-03-02T10:00:00", "to": "a", "subject": "b", "message": "c"})
    (tmp_path / notifications.FILE).write_text(f"{line}\n" * (SHOWN + 1))
    assert len(newest(tmp_path)) == SHOWN


def test_without_any_there_is_an_empty_list(tmp_path: Path) -> None:
    assert newest(tmp_path) == []
