"""Objects of one kind, kept in memory."""

import secrets
import time
from collections.abc import Iterator
from typing import Any

from amply.embedded.stripe.errors import StripeError

Object = dict[str, Any]


class Collection:
    """The objects of one kind, newest last. Identifiers begin with `prefix`."""

    def __init__(self, kind: str, prefix: str) -> None:
        self.kind = kind
        self._prefix = prefix
        self._by_id: dict[str, Object] = {}
        self._order: dict[str, int] = {}

    def add(self, **fields: object) -> Object:
        """Store a new object and return it."""
        new: Object = {
            "id": f"{self._prefix}_{secrets.token_hex(12)}",
            "object": self.kind,
            "created": int(time.time()),
            **fields,
        }
        self._order[new["id"]] = len(self._order)
        self._by_id[new["id"]] = new
        return new

    def get(self, object_id: str) -> Object | None:
        """Return an object, or None if the id is unknown."""
        return self._by_id.get(object_id)

    def retrieve(self, object_id: object, param: str = "id") -> Object:
        """Return the object with an id. Raise StripeError if the id is unknown."""
        if isinstance(object_id, str) and (one := self._by_id.get(object_id)):
            return one
        kind = "invalid_request_error"
        message = f"No such {self.kind}: '{object_id}'"
        raise StripeError(404, kind, message, code="resource_missing", param=param)

    def is_older(self, one: Object, other: Object) -> bool:
        """Return True if the first object was created before the other."""
        return self._order[one["id"]] < self._order[other["id"]]

    def newest_first(self) -> Iterator[Object]:
        """Return all objects, newest first."""
        return reversed(self._by_id.values())
