"""Concurrent calls of one service.

AWS: any number of calls may run at once, and each sees a consistent state.

moto: each request has a thread, and all of them change and iterate over the same dictionaries:
two at once end in "dictionary changed size during iteration", or miss each other's changes.

Closed by running one call at a time for each service.
"""

from __future__ import annotations

import functools
from typing import Any

from moto.core.responses import BaseResponse

from ops.local.locks import lock_of


def close() -> None:
    """Run the calls of a service one after another."""
    original = BaseResponse.call_action
    if hasattr(original, "one_at_a_time"):
        return

    @functools.wraps(original)
    def call_action(self: BaseResponse) -> Any:
        with lock_of(type(self)):
            return original(self)

    call_action.one_at_a_time = True  # type: ignore[attr-defined]
    BaseResponse.call_action = call_action  # type: ignore[method-assign]
