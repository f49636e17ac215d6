"""URLs of the database and of Redis: a wrong one stops the start, and is never printed."""

import pytest

from amply.base.errors import ConfigurationError
from amply.base.settings import load_settings

POSTGRESQL = "postgresql://amply:hunter2@db.internal"
REDIS = "redis://:hunter2@redis.internal"


@pytest.mark.parametrize(
    ("variable", "url", "told"),
    [
        ("DATABASE_URL", f"{POSTGRESQL}:hunter2/amply", "is not a database URL; give postgresql:"),
        (
            "DATABASE_URL",
            "postgresql://amply:hunter@hunter2@db.internal/amply",
            "has more than one @; write each one in a user or a password as %40",
        ),
        ("DATABASE_URL", "postgresql://amply:x@hunter2/y@db.internal/amply", "has more than one @"),
        ("DATABASE_URL", "postgresql://amply:x@hunter2?y@db.internal/amply", "has more than one @"),
        ("DATABASE_URL", "postgresql://amply:1#hunter2@db.internal/amply", "has a #; write each"),
        ("REDIS_URL", "redis://:hunter@hunter2@redis.internal/0", "has more than one @"),
        ("REDIS_URL", "rediss://amply:1#hunter2@redis.internal:6379/0", "has a #; write each one"),
        ("DATABASE_URL", f"{POSTGRESQL}:70000/amply", "names a port that is no number up to 65535"),
        ("DATABASE_URL", f"{POSTGRESQL},db.other/amply", "names several hosts; asyncpg connects"),
        ("DATABASE_URL", f"{POSTGRESQL}/amply?hunter2=1", "its query may say only connect_timeout"),
        (
            "DATABASE_URL",
            f"{POSTGRESQL}/amply?connect_timeout=5s",
            "connect_timeout is not a whole",
        ),
        ("DATABASE_URL", f"{POSTGRESQL}/amply?connect_timeout=0", "connect_timeout is not a whole"),
        ("DATABASE_URL", f"{POSTGRESQL}/amply?sslmode=full", "sslmode is not one of disable, "),
        ("DATABASE_URL", f"{POSTGRESQL}/amply?host=other", "host is not the directory of a socket"),
        (
            "DATABASE_URL",
            f"{POSTGRESQL}/amply?sslmode=verify-full&sslrootcert=/hunter2.pem",
            "sslrootcert names a file that is not there",
        ),
        (
            "DATABASE_URL",
            f"{POSTGRESQL}/amply?sslrootcert={__file__}",
            "sslrootcert has no effect unless sslmode is one of require, verify-ca, verify-full",
        ),
        (
            "DATABASE_URL",
            f"{POSTGRESQL}/amply?sslmode=require&sslmode=disable",
            "says something twice in its query",
        ),
        ("DATABASE_URL", "sqlite:///amply.db?mode=ro", "its query is to have none"),
        ("REDIS_URL", f"{REDIS}:hunter2/0", "names a port that is no number up to 65535"),
        ("REDIS_URL", f"{REDIS}:0/0", "names a port that is no number up to 65535"),
        ("REDIS_URL", f"{REDIS}/hunter2", "names a database that is no number"),
        ("REDIS_URL", f"{REDIS}/0?timeout=hunter2", "its query is to have none"),
        ("REDIS_URL", "redis:///0", "is not a URL that starts with redis:// or rediss:// and a"),
        ("REDIS_URL", "rediss://redis.internal?ssl_ca_certs=/hunter2.pem", "ssl_ca_certs names a"),
        ("REDIS_URL", "rediss://redis.internal?ssl_cert_reqs=hunter2", "ssl_cert_reqs is not one"),
    ],
)
def test_what_cannot_be_meant_is_told(
    monkeypatch: pytest.MonkeyPatch, variable: str, url: str, told: str
) -> None:
    monkeypatch.setenv(variable, url)
    with pytest.raises(ConfigurationError) as raised:
        load_settings()
    assert str(raised.value).startswith(f"{variable}: {told}")
    assert "hunter2" not in str(raised.value)


@pytest.mark.parametrize(
    ("variable", "url"),
    [
        ("DATABASE_URL", f"{POSTGRESQL}:5432/amply?sslmode=verify-full&sslrootcert={__file__}"),
        ("DATABASE_URL", f"{POSTGRESQL}/amply?connect_timeout=5&sslmode=prefer"),
        ("DATABASE_URL", "postgresql:///amply?host=/var/run/postgresql"),
        ("DATABASE_URL", "postgresql://amply:hunter%40%232@db.internal/amply"),
        ("REDIS_URL", "redis://:hunter%40%232@redis.internal/0"),
        ("REDIS_URL", REDIS),
        ("REDIS_URL", f"{REDIS}:6379/15"),
        ("REDIS_URL", "redis://[::1]:6379"),
        ("REDIS_URL", f"rediss://redis.internal?ssl_ca_certs={__file__}&ssl_cert_reqs=required"),
    ],
)
def test_what_both_drivers_and_redis_understand_is_taken(
    monkeypatch: pytest.MonkeyPatch, variable: str, url: str
) -> None:
    monkeypatch.setenv(variable, url)
    assert getattr(load_settings(), variable.lower()) == url
