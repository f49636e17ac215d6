"""The authors of changes: CloudTrail's event history.

AWS: LookupEvents returns the management events of the last 90 days, the latest first, 50 a page.
A record has the call's parameters, with names in lower camel case, its author and user agent.
https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html

moto: CloudTrail has no LookupEvents. Closed by recording the calls that write. On AWS the
history is some minutes behind; here it is not. Parameters that may hold secrets are left out.
"""

from __future__ import annotations

import functools
import itertools
import json
import re
import threading
import time
import uuid
from collections import deque
from typing import Any

from moto.cloudtrail.models import cloudtrail_backends
from moto.cloudtrail.responses import CloudTrailResponse
from moto.core.responses import BaseResponse

# Calls that write begin so. Those of data planes, such as SendMessage, are no management events.
_WRITES = (
    "Attach",
    "Cancel",
    "Create",
    "Delete",
    "Deregister",
    "Detach",
    "Disable",
    "Enable",
    "Execute",
    "Modify",
    "Put",
    "Register",
    "Remove",
    "Set",
    "Stop",
    "Subscribe",
    "Tag",
    "Unsubscribe",
    "Untag",
    "Update",
)
_DATA = frozenset({"DeleteMessage", "DeleteMessageBatch", "PutLogEvents", "PutMetricData"})
_SECRETS = frozenset({"SecretString", "SecretBinary", "Password", "Value"})
CLOUDFORMATION = "cloudformation.amazonaws.com"  # in the user agent of what it calls
_MOST = 10_000  # of an operation
_PAGE = 50

_CREDENTIAL = re.compile(r"Credential=([^/]+)/")

_lock = threading.Lock()
_call = threading.local()  # moto answers a call in one thread


def close() -> None:
    """Record writes, and answer LookupEvents from them. Must be closed after all other
    calls' gaps.
    """
    original = BaseResponse.call_action
    if hasattr(original, "leaves_a_trail"):
        return

    set_up = BaseResponse.setup_class

    @functools.wraps(set_up)
    def setup_class(self: BaseResponse, request: Any, *rest: Any, **more: Any) -> None:
        _call.request = request
        set_up(self, request, *rest, **more)

    @functools.wraps(original)
    def call_action(self: BaseResponse) -> Any:
        answer = original(self)
        operation = str(self._get_action())
        status = answer[0] if isinstance(answer, tuple) else 200
        if operation.startswith(_WRITES) and operation not in _DATA and status < 400:
            _remember(self, operation)
        return answer

    call_action.leaves_a_trail = True  # type: ignore[attr-defined]
    BaseResponse.call_action = call_action  # type: ignore[method-assign]
    BaseResponse.setup_class = setup_class  # type: ignore[method-assign]
    CloudTrailResponse.lookup_events = _lookup  # type: ignore[attr-defined]


def _history(response: BaseResponse) -> dict[str, deque[dict[str, Any]]]:
    """Return the events by operation, from a backend of moto's, so that a reset deletes them."""
    backend = cloudtrail_backends[response.current_account][response.region]
    events: dict[str, deque[dict[str, Any]]] = backend.__dict__.setdefault("event_history", {})
    return events


def _remember(response: BaseResponse, operation: str) -> None:
    signed = _CREDENTIAL.search(response.headers.get("Authorization", ""))
    agent = str(response.headers.get("User-Agent", ""))
    person = signed[1] if signed else "anonymous"
    through = CLOUDFORMATION if CLOUDFORMATION in agent else None
    record = {
        "eventName": operation,
        "eventSource": f"{response.boto3_service_name}.amazonaws.com",
        "awsRegion": response.region,
        "userIdentity": {"userName": person, **({"invokedBy": through} if through else {})},
        "sourceIPAddress": through or "127.0.0.1",
        "userAgent": agent,
        "requestParameters": _parameters(response),
    }
    event = {
        "EventId": str(uuid.uuid4()),
        "EventName": operation,
        "EventTime": time.time(),
        "Username": person,
        "CloudTrailEvent": json.dumps(record, default=str),
    }
    with _lock:
        events = _history(response)
        events.setdefault(operation, deque(maxlen=_MOST)).appendleft(event)


def _parameters(response: BaseResponse) -> dict[str, Any]:
    """Return the call's parameters with CloudTrail's names, for every protocol."""
    before = vars(response).get("params")
    try:
        response.parse_parameters(_call.request)
    except Exception:  # noqa: BLE001  # a call that moto answers without reading it so
        return {}
    given: dict[str, Any] = dict(response.params)
    response.params = before
    return {
        f"{name[:1].lower()}{name[1:]}": value
        for name, value in given.items()
        if name not in _SECRETS
    }


def _lookup(self: CloudTrailResponse) -> str:
    names = {
        attribute["AttributeValue"]
        for attribute in self._get_param("LookupAttributes") or []
        if attribute["AttributeKey"] == "EventName"
    }
    since = float(self._get_param("StartTime") or 0)
    with _lock:
        matches = [
            event
            for operation, events in _history(self).items()
            if not names or operation in names
            for event in events
            if event["EventTime"] >= since
        ]
    matches.sort(key=lambda event: event["EventTime"], reverse=True)
    start = int(self._get_param("NextToken") or 0)
    size = int(self._get_param("MaxResults") or _PAGE)
    answer: dict[str, Any] = {"Events": list(itertools.islice(matches, start, start + size))}
    if len(matches) > start + size:
        answer["NextToken"] = str(start + size)
    return json.dumps(answer)
