"""The resources of tasks: defined before a worker forks, opened by each of its processes."""

import logging
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session, sessionmaker

from amply.base.errors import ConfigurationError
from amply.base.settings import PRODUCTION, Settings
from amply.database.engines import sync_engine
from amply.database.leases import Attempt
from amply.limits import UNLIMITED, Limit
from amply.mail.files import FileMailer
from amply.mail.listed import ListedMailer
from amply.mail.mailer import LogMailer, Mailer
from amply.mail.simulator import Simulator
from amply.payments.gateway import PaymentGateway
from amply.payments.pages import DonorPages
from amply.payments.records import PaymentRecords
from amply.suppressions.addresses import SuppressingMailer

if TYPE_CHECKING:
    from stripe import StripeClient

    from amply.mail.events import MailEvents

logger = logging.getLogger(__name__)

# Mostly within seconds; SES promises no time. Below the pause of `receipts.recover_receipts`, half
# an hour, by which it asks again.
_SES_REPORTS_WITHIN = timedelta(minutes=15)


class Services:
    """The database sessions and the payment gateway of one process.

    Nothing is opened in the constructor: a connection shared by forked processes is broken.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    @cached_property
    def sessions(self) -> sessionmaker[Session]:
        """Return a session factory whose objects stay readable after the commit."""
        return sessionmaker(sync_engine(self._settings.database_url), expire_on_commit=False)

    @cached_property
    def gateway(self) -> PaymentGateway:
        """Return Stripe's gateway for charges in the background.

        Raise ConfigurationError without a STRIPE_SECRET_KEY.
        """
        # Loaded here: beat, and an API in front of a queue, never charge.
        from amply.payments.stripe_gateway import StripeGateway  # noqa: PLC0415

        return StripeGateway(self._stripe)

    @cached_property
    def pages(self) -> DonorPages:
        """Return Stripe's payment pages. Raise as `gateway` does."""
        from amply.payments.stripe_pages import StripePages  # noqa: PLC0415

        return StripePages(self._stripe, self._settings.pages_return_to)

    @cached_property
    def records(self) -> PaymentRecords:
        """Return Stripe's lists. Raise as `gateway` does."""
        from amply.payments.stripe_records import StripeRecords  # noqa: PLC0415

        return StripeRecords(self._stripe)

    @cached_property
    def _stripe(self) -> "StripeClient":
        from amply.payments.stripe_requests import stripe_client  # noqa: PLC0415

        key = self._settings.stripe_secret_key
        if key is None:
            msg = "STRIPE_SECRET_KEY: not set, and charging a donor needs it"
            raise ConfigurationError(msg)
        return stripe_client(key.get_secret_value(), self._settings.stripe_api_base)

    @property
    def receipt_patience(self) -> timedelta:
        """Return how long to wait for SES's report on a receipt whose attempt did not end.

        Without a queue of SES's events there is nothing to wait for; files are never doubled.
        """
        settings = self._settings
        has_reports = settings.mail_events_queue_url is not None and settings.mail_directory is None
        return _SES_REPORTS_WITHIN if has_reports else timedelta(0)

    @cached_property
    def mail_events(self) -> "MailEvents | None":
        """SES's events; None without a queue of them."""
        from amply.mail.events import MailEvents  # noqa: PLC0415

        url = self._settings.mail_events_queue_url
        return MailEvents(url, self._settings.aws_region) if url else None

    @cached_property
    def mailer(self) -> Mailer:
        """Return the mailer of tasks, which writes to no suppressed address."""
        return SuppressingMailer(self.carrier, self.sessions)

    @cached_property
    def carrier(self) -> Mailer:
        """Return the mailer without that check: files, SES or the log, by what the settings give.

        Outside production a donation costs nothing and sends a receipt, so SES sends only to
        MAIL_RECIPIENTS there.
        """
        settings = self._settings
        sender = settings.mail_from or "donations@localhost"
        if settings.mail_directory is not None:
            files = FileMailer(settings.mail_directory, sender)
            url = settings.mail_events_queue_url
            return Simulator(files, url, settings.aws_region) if url else files
        if settings.mail_from is None:
            return LogMailer()
        # Loaded here: only a worker sends mail.
        from amply.mail.ses import SesMailer  # noqa: PLC0415

        mailer = SesMailer(sender, settings.aws_region, settings.mail_configuration_set)
        if settings.environment == PRODUCTION:
            return mailer
        if not settings.listed_recipients:
            logger.warning("MAIL_RECIPIENTS is empty: no mail is sent from this environment")
        return ListedMailer(mailer, settings.listed_recipients)

    @cached_property
    def card_limit(self) -> Limit:
        """Return the limit of attempts with one card; test cards have no limit."""
        settings = self._settings
        if settings.redis_url is None or not settings.takes_live_payments:
            return UNLIMITED
        # Loaded here: only a worker that charges needs it.
        from amply.limits.in_redis import RedisLimit, redis_for_limits  # noqa: PLC0415

        redis = redis_for_limits(settings.redis_url)
        return RedisLimit(redis, "card", most=settings.attempts_per_card, seconds=3600)

    def attempt(self) -> Attempt:
        """Return a new attempt, for one run of a task."""
        return Attempt(self._settings.claim_seconds)

    def close(self) -> None:
        """Close the database's connections, if any were opened."""
        if "sessions" in vars(self):
            self.sessions.kw["bind"].dispose()
