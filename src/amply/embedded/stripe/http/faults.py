"""Server errors on request, which Stripe does not offer: `POST /v1/test_helpers/faults`.

path=/confirm   the next request whose path ends so is answered 500
when=before     and nothing is done; `after`: it is carried out, and its answer is lost
"""

from collections.abc import Callable, Mapping
from typing import Any

from amply.embedded.stripe.errors import StripeError, invalid


class Faults:
    """The faults that are still to happen, the oldest first."""

    def __init__(self) -> None:
        self._pending: list[tuple[str, str]] = []

    def create(self, form: Mapping[str, Any]) -> dict[str, Any]:
        """Plan a fault."""
        path, when = form.get("path"), form.get("when", "before")
        if not isinstance(path, str) or when not in {"before", "after"}:
            raise invalid("Give `path`, and `when` as before or after.")
        self._pending.append((path, when))
        return {"object": "test_helpers.fault", "path": path, "when": when}

    def around(
        self, path: str, handle: Callable[[Mapping[str, Any]], dict[str, Any]], form: dict[str, Any]
    ) -> dict[str, Any]:
        """Handle a request, or fail before or after it."""
        fault = next((fault for fault in self._pending if path.endswith(fault[0])), None)
        if fault is None:
            return handle(form)
        self._pending.remove(fault)
        if fault[1] == "after":
            handle(form)
        error = StripeError(500, "api_error", "An unknown error occurred.")
        error.begun = True  # Stripe keeps it under the request's key
        raise error
