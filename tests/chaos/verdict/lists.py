"""Stripe's lists."""

from collections.abc import Iterator
from typing import Any

import httpx

Row = dict[str, Any]


def at_stripe(address: str) -> httpx.Client:
    """Return a client that Stripe answers."""
    return httpx.Client(base_url=address, headers={"Authorization": "Bearer sk_test_chaos"})


def listed(http: httpx.Client, kind: str) -> Iterator[Row]:
    """Yield all objects of a kind, newest first."""
    query = {"limit": "100"}
    while True:
        page = http.get(f"/v1/{kind}", params=query).raise_for_status().json()
        yield from page["data"]
        if not page["has_more"]:
            return
        query["starting_after"] = page["data"][-1]["id"]
