"""Stripe's request bodies: forms whose keys nest by brackets, `metadata[donation_id]=don_1`."""

import re
from typing import Any
from urllib.parse import parse_qsl

_KEY_PART = re.compile(r"[^\[\]]+")


def parse(body: bytes) -> dict[str, Any]:
    """Return the form as nested dicts; a list (`a[0]=b`) becomes a dict keyed by its indices."""
    form: dict[str, Any] = {}
    for key, value in parse_qsl(body.decode(), keep_blank_values=True):
        *path, last = _KEY_PART.findall(key) or [key]
        inner = form
        for part in path:
            inner = inner.setdefault(part, {})
        inner[last] = value
    return form
