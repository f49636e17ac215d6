"""The Celery application, with its tasks as plain functions."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import cached_property, partial
from typing import TYPE_CHECKING

from celery import Celery  # type: ignore[import-untyped]

from amply.base.settings import Settings
from amply.base.start import reported_in_one_line
from amply.base.task_names import (
    BOOK_OBJECT,
    CHARGE_DONATION,
    CHECK_LEDGER,
    LOOK_AT_PAGES,
    READ_MAIL_EVENTS,
    RECONCILE,
    RECOVER_DONATIONS,
    REFUND_DONATION,
    SEND_NOTICE,
    SEND_PAYMENT_LINK,
    SEND_RECEIPT,
    SWEEP_OUTBOX,
)
from amply.donations.pages import look_at_pages, send_payment_link
from amply.donations.recovery import recover_donations
from amply.donations.tasks import charge_donation, refund_donation
from amply.jobs import batches, commands, load, measuring, rejections, tracing
from amply.jobs.config import RECONCILE_SECONDS, celery_config
from amply.notices.tasks import recover_notices, send_notice
from amply.outbox.models import OutboxMessage
from amply.outbox.tasks import run_here, sweep
from amply.payments.records import Resource
from amply.receipts.reports import read_reports
from amply.receipts.tasks import recover_receipts, send_receipt
from amply.reconciliation.invariants import check_ledger
from amply.reconciliation.run import book_object, reconcile_nightly
from amply.services import Services

if TYPE_CHECKING:
    from amply.jobs.counters import Counters


class AmplyCelery(Celery):  # type: ignore[misc]
    """Celery, with our settings and tasks."""

    def __init__(self, settings: Settings) -> None:
        super().__init__("amply")
        self.settings = settings
        self.services = Services(settings)
        self.conf.update(celery_config(settings))
        for name, run in {**self._runners(), **self._books()}.items():
            self.task(run, name=name, shared=False)  # the tasks of this application alone

    def _runners(self) -> dict[str, Callable[..., None]]:
        services = self.services

        def run_receipt(donation_id: str) -> None:
            attempt, patience = services.attempt(), services.receipt_patience
            send_receipt(services.sessions, services.mailer, donation_id, attempt, patience)

        def run_link(donation_id: str) -> None:
            gateway, pages, attempt = services.gateway, services.pages, services.attempt()
            send_payment_link(
                services.sessions, gateway, pages, services.mailer, donation_id, attempt
            )

        follow_ups = {SEND_RECEIPT: run_receipt, SEND_PAYMENT_LINK: run_link}

        def run_charge(donation_id: str) -> None:
            attempt, cards = services.attempt(), services.card_limit
            owed = charge_donation(services.sessions, services.gateway, donation_id, attempt, cards)
            if owed:
                run_here(services.sessions, owed, partial(follow_ups[owed.task], donation_id))

        def run_refund(donation_id: str) -> None:
            refund_donation(services.sessions, services.gateway, donation_id, services.attempt())

        def run_notice(notice_id: str) -> None:
            to, attempt = self.settings.staff_mail, services.attempt()
            send_notice(services.sessions, services.mailer, to, notice_id, attempt)

        donations = {CHARGE_DONATION: run_charge, REFUND_DONATION: run_refund}
        return {**donations, **follow_ups, SEND_NOTICE: run_notice, **self._ticks()}

    def _ticks(self) -> dict[str, Callable[..., None]]:
        """Return the tasks that beat sends."""
        services = self.services
        stuck_after = timedelta(seconds=self.settings.stuck_after_seconds)

        def run_recovery() -> None:
            recover_receipts(services.sessions, stuck_after)  # first: they need no answer of Stripe
            recover_notices(services.sessions, stuck_after)
            gateway, pages, attempt = services.gateway, services.pages, services.attempt()
            recover_donations(services.sessions, gateway, pages, stuck_after, attempt)

        def run_look() -> None:
            look_at_pages(services.sessions, services.pages, stuck_after, services.attempt())

        def run_sweep() -> None:
            measuring.report_outbox_age(services.sessions)
            measuring.report_receipt_age(services.sessions)
            measuring.report_charge_age(services.sessions)
            sweep(services.sessions, self.publish)

        def run_reports() -> None:
            if services.mail_events is not None:
                read_reports(services.sessions, services.mail_events)

        return {
            READ_MAIL_EVENTS: run_reports,
            LOOK_AT_PAGES: run_look,
            RECOVER_DONATIONS: run_recovery,
            SWEEP_OUTBOX: run_sweep,
        }

    def _books(self) -> dict[str, Callable[..., None]]:
        services = self.services

        def run_reconciliation() -> None:
            reconcile_nightly(services.sessions, services.records, RECONCILE_SECONDS)

        def run_check() -> None:
            check_ledger(services.sessions)

        def run_booking(resource: str, object_id: str) -> None:
            book_object(services.sessions, services.records, Resource(resource), object_id)

        return {
            BOOK_OBJECT: run_booking,
            CHECK_LEDGER: run_check,
            RECONCILE: run_reconciliation,
        }

    def publish(self, messages: Sequence[OutboxMessage]) -> set[str]:
        """Put messages into the queue: see `batches.publish`."""
        taken = batches.publish(self, messages)
        if self.counters is not None:
            self.counters.sent(len(taken))
        return taken

    @cached_property
    def counters(self) -> "Counters | None":
        """Return the counters of the load; None if it is not published, or without a queue."""
        settings = self.settings
        if None in (settings.load_seconds_per_task, settings.redis_url, settings.queue_name):
            return None
        # Loaded here: they take 7 MB of a process, and without a load to publish none needs them.
        from redis import Redis  # noqa: PLC0415

        from amply.jobs.counters import Counters  # noqa: PLC0415

        redis = Redis.from_url(
            str(settings.redis_url), socket_connect_timeout=0.5, socket_timeout=0.5
        )
        return Counters(redis, str(settings.queue_name))

    def publish_load(self) -> None:
        """Start to publish the load, if the settings ask for it."""
        settings = self.settings
        seconds, url = settings.load_seconds_per_task, settings.celery_queue_url
        if self.counters is not None and seconds is not None and url is not None:
            of_a_worker = seconds / self.conf.worker_concurrency
            load.publish_always(self.counters, url, settings.aws_region, of_a_worker)

    @cached_property
    def Beat(self) -> type:  # noqa: N802 - the name that Celery's command line asks for
        """Return the class that `celery beat` runs."""
        with reported_in_one_line():
            self.settings.require("beat")
        if self.settings.redis_url is None:
            commands.use_embedded_redis(self)
        return commands.quiet_beat(super().Beat)


def create_celery(settings: Settings) -> AmplyCelery:
    """Create the application for a worker, a beat, or an API that sends tasks."""
    tracing.install()
    measuring.install()
    commands.install()
    rejections.correct()
    load.install()  # after the sign of life, which it looks for
    return AmplyCelery(settings)
