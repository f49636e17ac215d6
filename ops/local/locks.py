"""A lock for each service of moto, whose models no two threads may change at once."""

from __future__ import annotations

import threading
from collections import defaultdict
from contextlib import AbstractContextManager, nullcontext
from typing import Any

# Calls that wait inside moto have locks of their own (SQS's long poll in
# `gaps.sqs.constant_time`, CloudFormation's stacks).
_THAT_WAIT = frozenset({"cloudformation", "sqs"})

_locks: defaultdict[str, threading.RLock] = defaultdict(threading.RLock)


def lock_of(moto_class: type) -> AbstractContextManager[Any]:
    """Return the lock of the service of a moto class.

    Hold it while you change moto's models without its API.
    """
    modules = (cls.__module__.split(".") for cls in moto_class.__mro__)
    service = next(names[1] for names in modules if names[0] == "moto")
    return nullcontext() if service in _THAT_WAIT else _locks[service]
