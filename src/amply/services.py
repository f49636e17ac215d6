"""The resources of tasks: defined before a worker forks, opened by each of its processes."""

import logging
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
from amply.payments.gateway import PaymentGateway
from amply.payments.pages import DonorPages
from amply.payments.records import PaymentRecords

if TYPE_CHECKING:
    from stripe import StripeClient

logger = logging.getLogger(__name__)


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

    @cached_property
    def mailer(self) -> Mailer:
        """Return the mailer: files if there is a directory, else SES if there is a sender, else
        the log.

        Outside production a donation costs nothing and sends a receipt, so SES sends only to
        MAIL_RECIPIENTS there.
        """
        settings = self._settings
        sender = settings.mail_from or "donations@localhost"
        if settings.mail_directory is not None:
            return FileMailer(settings.mail_directory, sender)
        if settings.mail_from is None:
            return LogMailer()
        # Loaded here: only a worker sends mail.
        from amply.mail.ses import SesMailer  # noqa: PLC0415

        mailer = SesMailer(sender, settings.aws_region)
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
