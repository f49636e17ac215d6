"""The allowed URLs of the database and of Redis, checked before anything connects.

A driver accepts any query and fails at the first connection. A URL that is accepted here means
the same to every driver. An error never shows the value, which may be a password.
"""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

_HIGHEST_PORT = 65535
_SHORTEST_TIMEOUT = 2  # libpq waits no less

# https://www.postgresql.org/docs/current/libpq-ssl.html#LIBPQ-SSL-PROTECTION
_LOOKING_AT_CERTIFICATES = ("require", "verify-ca", "verify-full")
_SSL_MODES = ("disable", "allow", "prefer", *_LOOKING_AT_CERTIFICATES)

_PARTS = ("password", "username", "host", "database")

_Check = Callable[[str], bool]
_OF_POSTGRESQL: dict[str, tuple[_Check, str]] = {
    "connect_timeout": (
        lambda value: value.isdecimal() and int(value) >= _SHORTEST_TIMEOUT,
        f"is not a whole number of seconds from {_SHORTEST_TIMEOUT}",
    ),
    "host": (lambda value: value.startswith("/"), "is not the directory of a socket"),
    "sslmode": (_SSL_MODES.__contains__, f"is not one of {', '.join(_SSL_MODES)}"),
    "sslrootcert": (lambda value: Path(value).is_file(), "names a file that is not there"),
}
# https://redis.readthedocs.io/en/stable/connections.html
_OF_REDIS_OVER_TLS: dict[str, tuple[_Check, str]] = {
    "ssl_ca_certs": (lambda value: Path(value).is_file(), "names a file that is not there"),
    "ssl_cert_reqs": (
        ("none", "optional", "required").__contains__,
        "is not one of none, optional, required",
    ),
}


def check_database_url(url: str) -> str:
    """Return the URL if both engines accept it.

    Raise ValueError with the reason if not.
    """
    _check_written(url)
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):  # ValueError: its port is no number
        msg = "is not a database URL; give postgresql://user:password@host/name or sqlite:///file"
        raise ValueError(msg) from None
    backend = parsed.get_backend_name()
    if backend not in {"sqlite", "postgresql", "postgres"}:
        msg = f"names the database {backend!r}; postgresql:// and sqlite:/// are supported"
        raise ValueError(msg)
    _check_query(_only_values(parsed), {} if backend == "sqlite" else _OF_POSTGRESQL)
    if backend != "sqlite":
        _check_server(parsed)
    return url


def check_redis_url(url: str) -> str:
    """Return the URL if redis-py understands all of it.

    Raise ValueError with the reason if not.
    """
    _check_written(url)
    try:
        parsed = urlsplit(url)
        port, database = parsed.port, parsed.path.strip("/")
    except ValueError:
        raise ValueError("names a port that is no number up to 65535") from None
    if parsed.scheme not in {"redis", "rediss"} or not parsed.hostname:
        raise ValueError("is not a URL that starts with redis:// or rediss:// and a host")
    if port == 0:
        raise ValueError("names a port that is no number up to 65535")
    if database and not database.isdecimal():  # redis-py takes the first one, without a word
        raise ValueError("names a database that is no number; give redis://host:6379/0")
    query = parse_qsl(parsed.query, keep_blank_values=True)
    if len(dict(query)) < len(query):
        raise ValueError("says something twice in its query")
    _check_query(dict(query), _OF_REDIS_OVER_TLS if parsed.scheme == "rediss" else {})
    return url


def without_parts(text: str, url: URL) -> str:
    """Return a driver's message with each part of the URL replaced by the part's name.

    So a password in a wrong place does not reach a log.
    """
    parts = {str(getattr(url, name)): name for name in _PARTS if getattr(url, name)}
    for part in sorted(parts, key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(part)}(?!\w)", f"<{parts[part]}>", text)
    return text


def _check_written(url: str) -> None:
    """Refuse a URL that parsers split in different ways.

    Only the last `@` may precede a host, and there is no fragment.
    https://www.rfc-editor.org/rfc/rfc3986#section-3.2.1
    """
    if url.startswith("sqlite"):  # a path has neither
        return
    if url.count("@") > 1:
        raise ValueError("has more than one @; write each one in a user or a password as %40")
    if "#" in url:
        raise ValueError("has a #; write each one in a user or a password as %23")


def _only_values(url: URL) -> dict[str, str]:
    values = {name: value for name, value in url.query.items() if isinstance(value, str)}
    if len(values) < len(url.query):
        raise ValueError("says something twice in its query")
    return values


def _check_query(query: Mapping[str, str], known: Mapping[str, tuple[_Check, str]]) -> None:
    if query.keys() - known.keys():
        allowed = f"may say only {', '.join(known)}" if known else "is to have none"
        raise ValueError(f"its query {allowed}")
    for name, value in query.items():
        is_right, text = known[name]
        if not is_right(value):
            raise ValueError(f"{name} {text}")


def _check_server(url: URL) -> None:
    if "," in (url.host or ""):
        raise ValueError("names several hosts; asyncpg connects to one")
    if url.port is not None and not 0 < url.port <= _HIGHEST_PORT:
        raise ValueError(f"names a port that is no number up to {_HIGHEST_PORT}")
    # The others, and so the default, do without TLS rather than refuse a server.
    if "sslrootcert" in url.query and url.query.get("sslmode") not in _LOOKING_AT_CERTIFICATES:
        modes = ", ".join(_LOOKING_AT_CERTIFICATES)
        raise ValueError(f"sslrootcert has no effect unless sslmode is one of {modes}")
