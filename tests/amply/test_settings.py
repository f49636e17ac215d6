"""Settings: what is missing or wrong is named, and its value is never shown."""

import pytest

from amply.errors import ConfigurationError
from amply.settings import Service, Settings, load_settings


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
        ("api", "CELERY_QUEUE_URL, DATABASE_URL, REDIS_URL, STRIPE_SECRET_KEY"),
        ("worker", "CELERY_QUEUE_URL, DATABASE_URL, REDIS_URL, STRIPE_SECRET_KEY"),
        ("beat", "CELERY_QUEUE_URL, REDIS_URL"),
    ],
)
def test_production_has_no_defaults(
    monkeypatch: pytest.MonkeyPatch, service: Service, missing: str
) -> None:
    monkeypatch.setenv("ENVIRONMENT", "production")
    with pytest.raises(ConfigurationError, match=f"^{missing}: not set"):
        load_settings().require(service)


@pytest.mark.parametrize("service", ["worker", "beat"])
def test_a_worker_and_a_beat_always_need_a_queue(service: Service) -> None:
    with pytest.raises(ConfigurationError, match="CELERY_QUEUE_URL"):
        load_settings().require(service)


def test_the_queue_s_name_is_the_end_of_its_url() -> None:
    settings = Settings(celery_queue_url="http://127.0.0.1:5000/123456789012/amply-celery-queue")
    assert settings.queue_name == "amply-celery-queue"
