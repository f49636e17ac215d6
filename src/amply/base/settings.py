"""The settings. Each field is the environment variable of the same name.

On a laptop nothing needs to be given. Outside development every service names what it cannot do
without, and refuses to start when it is missing: a stand-in must never be taken for the real thing.
"""

import logging
from pathlib import Path
from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, Field, SecretStr, ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict

from amply.base.addresses import check_database_url, check_redis_url
from amply.base.errors import ConfigurationError

Service = Literal["api", "worker", "beat"]
Command = Literal["migrate", "keys", "reconcile", "export", "erase", "suppressions"]

DEVELOPMENT: Final = "development"
PRODUCTION: Final = "production"

LONGEST_TASK_SECONDS = 90
"""Celery kills a task then: `jobs.config`."""

# What the queue of the workspace does: copilot/environments/addons/celery-queue.yml.
_DELIVERED_AGAIN_SECONDS = 180
_GIVEN_UP_SECONDS = 5 * _DELIVERED_AGAIN_SECONDS

_NEEDED_IN_PRODUCTION: dict[Service | Command, tuple[str, ...]] = {
    "api": (
        *("database_url", "redis_url", "celery_queue_url"),
        *("stripe_secret_key", "stripe_webhook_secret"),
    ),
    "worker": (
        *("database_url", "redis_url", "celery_queue_url"),
        *("stripe_secret_key", "mail_from"),
    ),
    "beat": ("redis_url", "celery_queue_url"),
    "migrate": ("database_url",),
    "keys": ("database_url",),
    "reconcile": ("database_url", "stripe_secret_key"),
    "export": ("database_url",),
    "erase": ("database_url",),
    "suppressions": ("database_url",),
}
# Without a queue the API runs the tasks itself, and there is nothing for the others to do.
_NEEDED_ALWAYS: dict[Service | Command, tuple[str, ...]] = {
    "worker": ("celery_queue_url", "stripe_secret_key"),
    "beat": ("celery_queue_url",),
}


def _check_prefix(*prefixes: str) -> AfterValidator:
    def check(secret: SecretStr) -> SecretStr:
        if not secret.get_secret_value().startswith(prefixes):
            msg = f"does not begin with {' or '.join(prefixes)}, as Stripe's do"
            raise ValueError(msg)
        return secret

    return AfterValidator(check)


def _check_url_scheme(*schemes: str) -> AfterValidator:
    def check(url: str) -> str:
        scheme, separator, rest = url.partition("://")
        if scheme not in schemes or not separator or not rest.strip("/"):
            msg = f"is not a URL that starts with {' or '.join(f'{s}://' for s in schemes)}"
            raise ValueError(msg)
        return url

    return AfterValidator(check)


class Settings(BaseSettings):
    """The checked environment of one process. `load_settings` creates it, never an import."""

    model_config = SettingsConfigDict(frozen=True, env_ignore_empty=True, hide_input_in_errors=True)

    environment: Literal["development", "staging", "production"] = DEVELOPMENT
    debug: bool = False
    amply_embedded: bool = False  # everything around us is a stand-in on one machine
    database_url: Annotated[str, AfterValidator(check_database_url)] = "sqlite:///amply.db"
    redis_url: Annotated[str, AfterValidator(check_redis_url)] | None = None
    celery_queue_url: Annotated[str, _check_url_scheme("http", "https")] | None = None
    aws_region: str = "eu-central-1"
    stripe_secret_key: Annotated[SecretStr, _check_prefix("sk_", "rk_")] | None = None
    stripe_webhook_secret: Annotated[SecretStr, _check_prefix("whsec_")] | None = None
    stripe_api_base: Annotated[str, _check_url_scheme("http", "https")] | None = None
    # Where donors come back to from Stripe's page, with `?donation=<id>`: a page of the charity's.
    return_url: Annotated[str, _check_url_scheme("http", "https")] | None = None
    # The origins whose pages may call the API from a browser: `https://give.example.org`.
    cors_origins: str = ""
    mail_from: Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")] | None = None
    mail_recipients: str = ""  # who gets mail outside production: `ada@ours.org, @ours.org`
    mail_directory: Path | None = None  # receipts become files here instead of mails
    # The configuration set by which SES reports on mails, and the queue that its reports come to.
    mail_configuration_set: str | None = None
    mail_events_queue_url: Annotated[str, _check_url_scheme("http", "https")] | None = None
    # Who hears of disputes and fraud warnings.
    staff_mail: Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")] | None = None

    # Against the testing of stolen cards: attempts at one card in an hour, and donations from one
    # address in ten minutes.
    attempts_per_card: Annotated[int, Field(ge=1)] = 10
    donations_per_address: Annotated[int, Field(ge=1)] = 30

    # How long an attempt has a donation to itself. Longer than LONGEST_TASK_SECONDS, shorter than
    # _DELIVERED_AGAIN_SECONDS: who comes next finds it free.
    claim_seconds: Annotated[int, Field(ge=1, le=3600)] = 120
    # When a donation that did not move counts as stuck: later than _GIVEN_UP_SECONDS, so that no
    # attempt can be under way.
    stuck_after_seconds: Annotated[int, Field(ge=1, le=86_400)] = 1800

    # How long a message keeps one process of a worker busy, as measured. Given, the load of the
    # workers is published for scaling by it.
    load_seconds_per_task: Annotated[float, Field(gt=0, le=LONGEST_TASK_SECONDS)] | None = None

    @property
    def queue_name(self) -> str | None:
        """Return the name of the SQS queue: the last path component of its URL."""
        return self.celery_queue_url and self.celery_queue_url.rstrip("/").rpartition("/")[2]

    @property
    def allowed_origins(self) -> frozenset[str]:
        """Return the origins of pages that may call the API."""
        return frozenset(self.cors_origins.replace(",", " ").split())

    @property
    def pages_return_to(self) -> str | None:
        """Return the address to which donors return; a stand-in for Stripe has a page for it."""
        if self.return_url is None and self.stripe_api_base is not None:
            return f"{self.stripe_api_base.rstrip('/')}/returned"
        return self.return_url

    @property
    def listed_recipients(self) -> frozenset[str]:
        """Return the addresses, and domains with their @, that get mail outside production."""
        staff = {self.staff_mail} if self.staff_mail else set()
        return frozenset(self.mail_recipients.replace(",", " ").split()) | staff

    @property
    def log_level(self) -> int:
        """Return the level of the least severe lines that are written."""
        return logging.DEBUG if self.debug else logging.INFO

    @property
    def takes_live_payments(self) -> bool:
        """Return True if a charge moves real money: Stripe's live keys contain `_live_`."""
        key = self.stripe_secret_key
        return key is not None and "_live_" in key.get_secret_value()

    def require(self, what: Service | Command) -> Self:
        """Return the settings if this service or command can run with them.

        Raise ConfigurationError with the names of all missing variables if not.
        """
        needed = set(_NEEDED_ALWAYS.get(what, ()))
        if self.environment != DEVELOPMENT:
            needed.update(_NEEDED_IN_PRODUCTION[what])
        if missing := sorted(name.upper() for name in needed - self.model_fields_set):
            msg = f"{', '.join(missing)}: not set, and {what} needs it in {self.environment}"
            raise ConfigurationError(msg)
        self._refuse_stand_ins()
        return self

    def _refuse_stand_ins(self) -> None:
        if self.environment == DEVELOPMENT or self.amply_embedded:
            return
        refused = {
            "DEBUG: is on": self.debug,
            "DATABASE_URL: names SQLite": self.database_url.startswith("sqlite"),
            "MAIL_DIRECTORY: keeps mails from their donors": self.mail_directory is not None,
            "STRIPE_SECRET_KEY: is a test key": self.environment == PRODUCTION
            and self.stripe_secret_key is not None
            and not self.takes_live_payments,
            f"CLAIM_SECONDS: is not between {LONGEST_TASK_SECONDS} and {_DELIVERED_AGAIN_SECONDS}, "
            "so that a task ends before its claim and its claim before the next delivery": not (
                LONGEST_TASK_SECONDS < self.claim_seconds < _DELIVERED_AGAIN_SECONDS
            ),
            f"STUCK_AFTER_SECONDS: is not above {_GIVEN_UP_SECONDS}, when the queue gives up": (
                self.stuck_after_seconds <= _GIVEN_UP_SECONDS
            ),
        }
        if problems := [what for what, is_so in refused.items() if is_so]:
            msg = (
                f"{'; '.join(problems)}: not in {self.environment}, "
                "unless AMPLY_EMBEDDED=1 says that everything here is a stand-in"
            )
            raise ConfigurationError(msg)


def load_settings() -> Settings:
    """Read the environment.

    Raise ConfigurationError with the variable and the reason, never with its value.
    """
    try:
        return Settings()
    except ValidationError as error:
        raise ConfigurationError("; ".join(map(_described, error.errors()))) from None


def _described(problem: ErrorDetails) -> str:
    message = problem["msg"].removeprefix("Value error, ")
    variable = "".join(str(part).upper() for part in problem["loc"][:1])
    return f"{variable}: {message}" if variable else message
