"""Concurrent calls of one service.

AWS: any number of calls may run at once, and each sees a consistent state.

moto: each request has a thread, and all of them change and iterate over the same dictionaries:
two at once end in "dictionary changed size during iteration", or miss each other's changes.

Closed by running one call at a time for each service.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from moto.core.responses import BaseResponse
from moto.s3.responses import S3Response

from ops.local.locks import lock_of

if TYPE_CHECKING:
    from collections.abc import Callable


def close() -> None:
    """Run the calls of a service one after another."""
    if hasattr(BaseResponse.call_action, "one_at_a_time"):
        return
    # S3 has a way of its own: an object that is replaced is closed while another call reads it.
    for owner, name in (
        (BaseResponse, "call_action"),
        (S3Response, "bucket_response"),
        (S3Response, "key_response"),
    ):
        setattr(owner, name, _one_at_a_time(getattr(owner, name)))


def _one_at_a_time(original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def respond(self: BaseResponse, *arguments: Any, **named: Any) -> Any:
        with lock_of(type(self)):
            return original(self, *arguments, **named)

    respond.one_at_a_time = True  # type: ignore[attr-defined]
    return respond
