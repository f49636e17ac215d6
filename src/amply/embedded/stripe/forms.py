"""Stripe's request bodies: forms whose keys nest by brackets, `metadata[donation_id]=don_1`."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from amply.embedded.stripe.errors import invalid

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


def amount_of(form: Mapping[str, Any], param: str = "amount") -> int:
    """Return the amount in a form. Raise StripeError if the form has no valid one."""
    text = form.get(param)
    if text is None:
        raise invalid(f"Missing required param: {param}.", param=param, code="parameter_missing")
    if not isinstance(text, str) or not text.isdigit():
        raise invalid(f"Invalid integer: {text}", param=param, code="parameter_invalid_integer")
    return int(text)
