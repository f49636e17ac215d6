"""Announce something to staff in the transaction of its cause, and mail it afterwards, once.

A worker that dies between the mailer's answer and the commit sends a second one.
"""

import logging
from datetime import timedelta

from sqlalchemy import and_, func, select, update
from sqlalchemy.orm import Session, sessionmaker

from amply.base.errors import MailRefused
from amply.base.logs import bound_identifier
from amply.base.task_names import SEND_NOTICE
from amply.database.base import now
from amply.database.leases import RELEASED, Attempt, Job, is_free
from amply.mail.mailer import Mail, Mailer
from amply.notices.models import Notice
from amply.outbox.models import OutboxMessage

logger = logging.getLogger(__name__)

_GIVEN_UP = "given up"
"""In place of an attempt: there will be none."""

_IS_DUE = and_(Notice.sent_at.is_(None), func.coalesce(Notice.claimed_by, "") != _GIVEN_UP)
_WORTH_TRYING = timedelta(days=3)
_AT_ONCE = 100


def announce(session: Session, notice_id: str, subject: str, text: str) -> OutboxMessage | None:
    """Leave a mail to staff in the caller's transaction; return None if it was left before."""
    if session.get(Notice, notice_id) is not None:
        return None
    message = _message_about(notice_id)
    session.add_all([Notice(id=notice_id, subject=subject, text=text), message])
    session.flush()
    return message


def send_notice(
    sessions: sessionmaker[Session],
    mailer: Mailer,
    to: str | None,
    notice_id: str,
    attempt: Attempt,
) -> None:
    """Mail a notice to staff, or drop it if there is no address.

    Raise MailUnavailable or StillClaimed: the queue delivers the task again.
    """
    job = Job(f"Notice {notice_id}", Notice, Notice.id == notice_id, _IS_DUE)
    with job.claimed(sessions, attempt) as notice:
        if notice is None:
            return
        fields = {"notice": notice_id}
        if to is None:
            _note(sessions, notice_id, attempt, claimed_by=_GIVEN_UP, claimed_until=None)
            logger.warning("Staff not told: STAFF_MAIL is not set", extra=fields)
            return
        try:
            mailer.send(Mail(notice.id, to, notice.subject, notice.text))
        except MailRefused as refused:
            _note(sessions, notice_id, attempt, claimed_by=_GIVEN_UP, claimed_until=None)
            logger.error("Staff not told", extra={**fields, "reason": str(refused)})  # noqa: TRY400
            return
        _note(sessions, notice_id, attempt, sent_at=now(), **RELEASED)
    logger.info("Staff told", extra=fields)


def recover_notices(sessions: sessionmaker[Session], stuck_after: timedelta) -> None:
    """Send again the messages of notices that were not sent, for three days; then say so."""
    stuck = (
        select(Notice)
        .where(_IS_DUE, Notice.queued_at < now() - stuck_after, is_free(Notice.claimed_until))
        .limit(_AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    with sessions.begin() as session:
        for notice in session.scalars(stuck).all():
            if notice.created_at < now() - _WORTH_TRYING:
                notice.claimed_by = _GIVEN_UP
                logger.error("Staff not told", extra={"notice": notice.id})
                continue
            session.add(_message_about(notice.id))
            notice.queued_at = now()


def _message_about(notice_id: str) -> OutboxMessage:
    request_id = bound_identifier("request_id")
    return OutboxMessage(
        task=SEND_NOTICE, arguments={"notice_id": notice_id}, request_id=request_id
    )


def _note(
    sessions: sessionmaker[Session], notice_id: str, attempt: Attempt, **values: object
) -> None:
    held = update(Notice).where(Notice.id == notice_id, Notice.claimed_by == attempt.id)
    with sessions.begin() as session:
        session.execute(held.values(**values))
