"""Settings: an error names what is missing or wrong, and never prints the value."""

import pytest

from amply.base.errors import ConfigurationError
from amply.base.settings import Service, Settings, load_settings
from amply.donations.recovery import MOST_ATTEMPTS
from amply.jobs.config import celery_config

# The queue's own, from the workspace's addon.
VISIBILITY_TIMEOUT_SECONDS = 180


def test_on_a_laptop_nothing_needs_to_be_given() -> None:
    settings = load_settings().require("api")
    assert settings.database_url == "sqlite:///amply.db"
    assert settings.redis_url is None


def test_an_empty_variable_is_one_that_was_not_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL", "")
    assert load_settings().redis_url is None


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("DATABASE_URL", "mysql://user:hunter2@host/amply"),
        ("DATABASE_URL", "hunter2"),
        ("REDIS_URL", "http://hunter2"),
        ("CELERY_QUEUE_URL", "hunter2"),
        ("STRIPE_SECRET_KEY", "pk_test_hunter2"),
        ("STRIPE_API_BASE", "ftp://hunter2"),
        ("STRIPE_WEBHOOK_SECRET", "hunter2"),
        ("MAIL_FROM", "hunter2"),
        ("CLAIM_SECONDS", "hunter2"),
        ("ENVIRONMENT", "hunter2"),
    ],
)
def test_a_bad_value_is_named_and_not_shown(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(ConfigurationError, match=f"^{variable}: ") as raised:
        load_settings()
    assert "hunter2" not in str(raised.value)


@pytest.mark.parametrize(
    ("service", "missing"),
    [
        (
            "api",
            "CELERY_QUEUE_URL, DATABASE_URL, REDIS_URL, STRIPE_SECRET_KEY, STRIPE_WEBHOOK_SECRET",
        ),
        ("worker", "CELERY_QUEUE_URL, DATABASE_URL, MAIL_FROM, REDIS_URL, STRIPE_SECRET_KEY"),
        ("beat", "CELERY_QUEUE_URL, REDIS_URL"),
    ],
)
def test_production_has_no_defaults(
    monkeypatch: pytest.MonkeyPatch, service: Service, missing: str
) -> None:
    monkeypatch.setenv("ENVIRONMENT", "production")
    with pytest.raises(ConfigurationError, match=f"^{missing}: not set"):
        load_settings().require(service)


@pytest.mark.parametrize("name", ["prod", "Production", "PRODUCTION", "live"])
def test_nothing_but_production_is_production(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """A misspelt `production` must not weaken the checks that apply to production."""
    monkeypatch.setenv("ENVIRONMENT", name)
    with pytest.raises(ConfigurationError) as raised:
        load_settings()
    allowed = "'development', 'staging' or 'production'"
    assert str(raised.value) == f"ENVIRONMENT: Input should be {allowed}"


@pytest.mark.parametrize("service", ["worker", "beat"])
def test_a_worker_and_a_beat_always_need_a_queue(service: Service) -> None:
    with pytest.raises(ConfigurationError, match="CELERY_QUEUE_URL"):
        load_settings().require(service)


def test_the_queue_s_name_is_the_end_of_its_url() -> None:
    settings = Settings(celery_queue_url="http://127.0.0.1:5000/123456789012/amply-celery-queue")
    assert settings.queue_name == "amply-celery-queue"


REAL = {
    "ENVIRONMENT": "production",
    "DATABASE_URL": "postgresql://db.internal/amply",
    "REDIS_URL": "redis://redis.internal/0",
    "CELERY_QUEUE_URL": "https://sqs.eu-central-1.amazonaws.com/123456789012/q",
    "STRIPE_SECRET_KEY": "sk_live_1",
    "STRIPE_WEBHOOK_SECRET": "whsec_1",
    "MAIL_FROM": "donations@amply.example",
}
STAND_INS = [
    ("DATABASE_URL", "sqlite:///amply.db"),
    ("STRIPE_SECRET_KEY", "sk_test_1"),
    ("DEBUG", "1"),
    ("MAIL_DIRECTORY", "/mails"),
    ("CLAIM_SECONDS", "90"),
    ("CLAIM_SECONDS", "180"),
    ("STUCK_AFTER_SECONDS", "900"),
]


@pytest.mark.parametrize("service", ["api", "worker", "beat"])
def test_production_with_the_real_things(monkeypatch: pytest.MonkeyPatch, service: Service) -> None:
    for name, value in REAL.items():
        monkeypatch.setenv(name, value)
    assert load_settings().require(service).takes_live_payments


@pytest.mark.parametrize(("variable", "value"), STAND_INS)
def test_production_refuses_stand_ins_unless_told_that_all_are(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    for name, given in {**REAL, variable: value}.items():
        monkeypatch.setenv(name, given)
    with pytest.raises(ConfigurationError, match=f"^{variable}: .* not in production, unless"):
        load_settings().require("worker")
    monkeypatch.setenv("AMPLY_EMBEDDED", "1")
    load_settings().require("worker")


def test_staging_takes_test_payments(monkeypatch: pytest.MonkeyPatch) -> None:
    staging = {"ENVIRONMENT": "staging", "STRIPE_SECRET_KEY": "sk_test_1"}
    for name, value in {**REAL, **staging}.items():
        monkeypatch.setenv(name, value)
    load_settings().require("api")


def test_a_claim_outlives_a_task_and_not_its_message() -> None:
    conf = celery_config(Settings())
    assert conf["task_time_limit"] < Settings().claim_seconds < VISIBILITY_TIMEOUT_SECONDS
    assert Settings().stuck_after_seconds > MOST_ATTEMPTS * VISIBILITY_TIMEOUT_SECONDS
