"""Concurrent calls of one service.

AWS: any number of calls may run at once, and each sees a whole state.

moto: each request has a thread, and all of them change and iterate over the same dictionaries:
two at once end in "dictionary changed size during iteration", or miss what the other made.

Closed by running one call at a time for each service. Calls that wait inside moto have locks of
their own (SQS's long poll in `sqs_constant_time`, CloudFormation's stacks).
"""

from __future__ import annotations

import functools
import threading
from collections import defaultdict
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from moto.core.responses import BaseResponse

_THAT_WAIT = frozenset({"cloudformation", "sqs"})

_locks: defaultdict[str, threading.RLock] = defaultdict(threading.RLock)


def lock_of(moto_class: type) -> AbstractContextManager[Any]:
    """Return the lock of the service of a moto class.

    Hold it while you change moto's models without its API.
    """
    modules = (each.__module__.split(".") for each in moto_class.__mro__)
    service = next(names[1] for names in modules if names[0] == "moto")
    return nullcontext() if service in _THAT_WAIT else _locks[service]


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
