"""Make API keys, and know them again. A key is `amply_<id>_<secret>`; its secret is not kept."""

import hmac
import re
import secrets
from dataclasses import dataclass
from hashlib import sha256
from typing import TypeGuard

from sqlalchemy import Select, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, sessionmaker

from amply.database.base import now
from amply.errors import AmplyError
from amply.keys.models import ApiKey

LONGEST_NAME = 100
"""Characters that the name of a key has at most: its column takes no more."""

_PREFIX = "amply"
_ID = re.compile("[0-9a-f]{16}")
# Compared with when there is no such key, so that an answer takes as long as for one there is.
_OF_NO_KEY = sha256(secrets.token_bytes()).hexdigest()


@dataclass(frozen=True)
class GivenKey:
    """A key that a request came with."""

    id: str
    secret: str

    @classmethod
    def parse(cls, text: str) -> "GivenKey | None":
        """The parts of a key; None when it is not one."""
        prefix, _, rest = text.partition("_")
        key_id, _, secret = rest.partition("_")
        if prefix != _PREFIX or _ID.fullmatch(key_id) is None:
            return None
        return cls(key_id, secret)

    def lookup(self) -> Select[ApiKey]:
        """The statement that finds what is kept of it."""
        return select(ApiKey).where(ApiKey.id == self.id, ApiKey.revoked_at.is_(None))

    def is_it(self, kept: ApiKey | None) -> TypeGuard[ApiKey]:
        """Whether the secret is the one that was given out, in constant time."""
        expected = kept.secret_hash if kept else _OF_NO_KEY
        return hmac.compare_digest(_hash(self.secret), expected) and kept is not None


def create(sessions: sessionmaker[Session], name: str) -> str:
    """A new key. What this gives is the only place where it can be read.

    :param name: of at most LONGEST_NAME characters

    Raises AmplyError when there is one of this name.
    """
    key_id, secret = secrets.token_hex(8), secrets.token_urlsafe(32)
    try:
        with sessions.begin() as session:
            session.add(ApiKey(id=key_id, name=name, secret_hash=_hash(secret)))
    except IntegrityError:
        raise AmplyError(f"There is a key {name!r} already; choose another name") from None
    return f"{_PREFIX}_{key_id}_{secret}"


def revoke(sessions: sessionmaker[Session], name: str) -> None:
    """Make a key useless from now on.

    Raises AmplyError when there is none of this name.
    """
    revoked = update(ApiKey).where(ApiKey.name == name, ApiKey.revoked_at.is_(None))
    with sessions.begin() as session:
        if session.scalar(revoked.values(revoked_at=now()).returning(ApiKey.id)) is None:
            raise AmplyError(f"There is no key {name!r}; `keys list` shows those there are")


def listing(sessions: sessionmaker[Session]) -> list[ApiKey]:
    """Every key, oldest first."""
    with sessions() as session:
        return list(session.scalars(select(ApiKey).order_by(ApiKey.created_at)))


def _hash(secret: str) -> str:
    # Plain SHA-256: the secret has 256 bits of its own, and there is nothing to guess.
    return sha256(secret.encode()).hexdigest()
