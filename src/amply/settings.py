"""What the environment decides. Each field is the environment variable of the same name.

On a laptop nothing needs to be given. Outside development every service names what it cannot do
without, and refuses to start when it is missing: a stand-in must never be taken for the real thing.
"""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from amply.errors import ConfigurationError

Service = Literal["api", "worker", "beat"]

DEVELOPMENT = "development"

_NEEDED_IN_PRODUCTION: dict[Service, tuple[str, ...]] = {
    "api": ("database_url", "redis_url", "celery_queue_url", "stripe_secret_key"),
    "worker": ("database_url", "redis_url", "celery_queue_url", "stripe_secret_key"),
    "beat": ("redis_url", "celery_queue_url"),
}
# Without a queue the API runs the tasks itself, and there is nothing for the others to do.
_NEEDED_ALWAYS: dict[Service, tuple[str, ...]] = {
    "api": (),
    "worker": ("celery_queue_url", "stripe_secret_key"),
    "beat": ("celery_queue_url",),
}


def _check_database_url(url: str) -> str:
    try:
        backend = make_url(url).get_backend_name()
    except ArgumentError:
        msg = "is not a database URL; give postgresql://user:password@host/name or sqlite:///file"
        raise ValueError(msg) from None
    if backend not in {"sqlite", "postgresql", "postgres"}:
        msg = f"names the database {backend!r}; postgresql:// and sqlite:/// are supported"
        raise ValueError(msg)
    return url


def _check_url_scheme(*schemes: str) -> AfterValidator:
    def check(url: str) -> str:
        scheme, separator, rest = url.partition("://")
        if scheme not in schemes or not separator or not rest.strip("/"):
            msg = f"is not a URL that starts with {' or '.join(f'{s}://' for s in schemes)}"
            raise ValueError(msg)
        return url

    return AfterValidator(check)


class Settings(BaseSettings):
    """The environment of one process, checked. Made by `load_settings`, never on import."""

    model_config = SettingsConfigDict(frozen=True, env_ignore_empty=True, hide_input_in_errors=True)

    environment: str = DEVELOPMENT
    database_url: Annotated[str, AfterValidator(_check_database_url)] = "sqlite:///amply.db"
    redis_url: Annotated[str, _check_url_scheme("redis", "rediss")] | None = None
    celery_queue_url: Annotated[str, _check_url_scheme("http", "https")] | None = None
    aws_region: str = "eu-central-1"
    stripe_secret_key: SecretStr | None = None
    stripe_api_base: Annotated[str, _check_url_scheme("http", "https")] | None = None

    @model_validator(mode="after")
    def _stripe_key_is_a_secret_key(self) -> Self:
        if self.stripe_secret_key and not self.stripe_secret_key.get_secret_value().startswith(
            ("sk_", "rk_")
        ):
            msg = "STRIPE_SECRET_KEY: is not a secret key (sk_…) or a restricted key (rk_…)"
            raise ValueError(msg)
        return self

    @property
    def queue_name(self) -> str | None:
        """The name of the SQS queue: the last path component of its URL."""
        return self.celery_queue_url and self.celery_queue_url.rstrip("/").rpartition("/")[2]

    @property
    def takes_live_payments(self) -> bool:
        """Whether a charge moves real money (Stripe marks its live keys with `_live_`)."""
        key = self.stripe_secret_key
        return key is not None and "_live_" in key.get_secret_value()

    def require(self, service: Service) -> Self:
        """Give the settings back when this service can run on them.

        Raises ConfigurationError naming every variable that is missing.
        """
        needed = set(_NEEDED_ALWAYS[service])
        if self.environment != DEVELOPMENT:
            needed.update(_NEEDED_IN_PRODUCTION[service])
        if missing := sorted(name.upper() for name in needed - self.model_fields_set):
            msg = f"{', '.join(missing)}: not set, and {service} needs it in {self.environment}"
            raise ConfigurationError(msg)
        return self


def load_settings() -> Settings:
    """Read the environment.

    Raises ConfigurationError naming the variable and what is wrong with it, never its value.
    """
    try:
        return Settings()
    except ValidationError as error:
        raise ConfigurationError("; ".join(map(_described, error.errors()))) from None


def _described(problem: object) -> str:
    assert isinstance(problem, dict)  # noqa: S101 - pydantic's ErrorDetails
    message = str(problem["msg"]).removeprefix("Value error, ")
    variable = "".join(str(part).upper() for part in problem["loc"][:1])
    return f"{variable}: {message}" if variable else message
