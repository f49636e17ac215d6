"""Create and verify API keys. A key is `amply_<id>_<secret>`; its secret is not stored."""

import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import TypeGuard

from sqlalchemy import Select, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, sessionmaker

from amply.base.errors import AmplyError
from amply.database.base import now
from amply.keys.models import ApiKey, Scope

LONGEST_NAME = 100
"""Characters that the name of a key has at most: its column takes no more."""

_PREFIX = "amply"
_ID = re.compile("[0-9a-f]{16}")
DIGEST = re.compile("[0-9a-f]{16}:[0-9a-f]{64}")
# Compared with when there is no such key, so that an answer takes as long as for one there is.
_OF_NO_KEY = sha256(secrets.token_bytes()).hexdigest()


@dataclass(frozen=True)
class GivenKey:
    """A key that came with a request."""

    id: str
    secret: str

    @classmethod
    def parse(cls, text: str) -> "GivenKey | None":
        """Return the parts of a key; None if the text is not one."""
        prefix, _, rest = text.partition("_")
        key_id, _, secret = rest.partition("_")
        if prefix != _PREFIX or _ID.fullmatch(key_id) is None:
            return None
        return cls(key_id, secret)

    def lookup(self) -> Select[ApiKey]:
        """Return the statement that finds the stored part of the key."""
        is_valid = or_(ApiKey.expires_at.is_(None), ApiKey.expires_at > now())
        return select(ApiKey).where(ApiKey.id == self.id, ApiKey.revoked_at.is_(None), is_valid)

    def is_it(self, kept: ApiKey | None) -> TypeGuard[ApiKey]:
        """Compare the secret with the stored hash, in constant time."""
        expected = kept.secret_hash if kept else _OF_NO_KEY
        return hmac.compare_digest(_hash(self.secret), expected) and kept is not None


def generate() -> tuple[str, str]:
    """Return a new key and its digest, `<id>:<SHA-256 of the secret>`, without storing either."""
    key_id, secret = secrets.token_hex(8), secrets.token_urlsafe(32)
    return f"{_PREFIX}_{key_id}_{secret}", f"{key_id}:{_hash(secret)}"


def create(
    sessions: sessionmaker[Session],
    name: str,
    scope: Scope = Scope.REFUND,
    expires_at: datetime | None = None,
) -> str:
    """Create a key and return it; it can be read nowhere else.

    :param name: of at most LONGEST_NAME characters

    Raise AmplyError if there is a key of this name.
    """
    key, digest = generate()
    store(sessions, name, digest, scope, expires_at)
    return key


def store(
    sessions: sessionmaker[Session],
    name: str,
    digest: str,
    scope: Scope = Scope.REFUND,
    expires_at: datetime | None = None,
) -> None:
    """Store a key by its digest. Raise AmplyError if the name or the id is taken."""
    key_id, _, secret_hash = digest.partition(":")
    try:
        with sessions.begin() as session:
            fields = {"secret_hash": secret_hash, "scope": scope, "expires_at": expires_at}
            session.add(ApiKey(id=key_id, name=name, **fields))
    except IntegrityError:
        raise AmplyError(f"There is a key {name!r} already; choose another name") from None


def revoke(sessions: sessionmaker[Session], name: str) -> None:
    """Revoke a key.

    Raise AmplyError if no key has this name.
    """
    revoked = update(ApiKey).where(ApiKey.name == name, ApiKey.revoked_at.is_(None))
    with sessions.begin() as session:
        if session.scalar(revoked.values(revoked_at=now()).returning(ApiKey.id)) is None:
            raise AmplyError(f"There is no key {name!r}; `keys list` lists the keys")


def listing(sessions: sessionmaker[Session]) -> list[ApiKey]:
    """Return every key, oldest first."""
    with sessions() as session:
        return list(session.scalars(select(ApiKey).order_by(ApiKey.created_at)))


def _hash(secret: str) -> str:
    # Plain SHA-256: the secret has 256 bits of its own, and there is nothing to guess.
    return sha256(secret.encode()).hexdigest()
