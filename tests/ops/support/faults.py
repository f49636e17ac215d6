"""AWS with failures: some calls are throttled, others answered with a 5xx."""

import json
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders
from botocore.model import OperationModel
from botocore.retries.bucket import TokenBucket

from tests.ops.support.sessions import on_sessions_of_ops


class Body:
    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self) -> Iterator[bytes]:
        yield self._content


class _QuickClock:
    """A clock that runs a hundred times as fast."""

    def current_time(self) -> float:
        return 100 * time.time()

    def sleep(self, amount: float) -> None:
        time.sleep(amount / 100)


def quicken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shorten the waits between the tries of a call to a hundredth."""
    monkeypatch.setattr("botocore.endpoint.time", _QuickClock())


def bytes_of(body: object) -> bytes:
    """The body of a request that botocore has prepared."""
    return body if isinstance(body, bytes) else str(body or "").encode()


class Faults:
    """Random failures in place of AWS's answers, the same in each run. A failed call has
    no effect.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *, throttled: float, broken: float) -> None:
        self._chance = random.Random(2026)  # noqa: S311
        self._lock = threading.Lock()
        self._throttled, self._broken = throttled, throttled + broken
        self.answered = Counter[str]()
        on_sessions_of_ops(monkeypatch, "before-send", self.answer)
        # The waits between retries are botocore's business: they pass 100 times as fast.
        monkeypatch.setattr("botocore.retries.bucket.Clock", _QuickClock)
        quicken(monkeypatch)
        wait = TokenBucket._sleep_amount  # type: ignore[attr-defined]
        monkeypatch.setattr(TokenBucket, "_sleep_amount", lambda *given: wait(*given) / 100)

    def answer(self, request: AWSPreparedRequest, **_: object) -> AWSResponse | None:
        with self._lock:
            kind = self._draw()
            self.answered[kind] += 1
        match kind:
            case "throttled":
                return _refusal(request, 400, "ThrottlingException")
            case "lost":  # AWS did it, and the answer says otherwise
                httpx.request(
                    request.method,
                    request.url,
                    headers=dict(request.headers.items()),
                    content=bytes_of(request.body),
                )
                return _refusal(request, 503, "ServiceUnavailable")
            case "broken":
                return _refusal(request, 503, "ServiceUnavailable")
            case _:
                return None

    def end(self) -> None:
        """A good day from now on."""
        self._throttled = self._broken = 0.0

    def _draw(self) -> str:
        drawn = self._chance.random()
        if drawn < self._throttled:
            return "throttled"
        if drawn < self._broken:
            return self._chance.choice(["broken", "lost"])
        return "sent"


def _refusal(
    request: AWSPreparedRequest, status: int, code: str, message: str = "Injected."
) -> AWSResponse:
    """Return an error in the protocol of the request: JSON or XML."""
    if "x-amz-json" in str(request.headers["Content-Type"]):
        content = json.dumps({"__type": code, "message": message})
    else:
        error = f"<Code>{code}</Code><Message>{message}</Message>"
        content = f"<ErrorResponse><Error>{error}</Error></ErrorResponse>"
    return AWSResponse(request.url, status, HTTPHeaders(), Body(content.encode()))


class FirstCalls:
    """Refuses the first call of some operations with a code; `answered` names those operations."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, **codes: str) -> None:
        self.codes = codes
        self.answered: list[str] = []
        self._lock = threading.Lock()
        on_sessions_of_ops(monkeypatch, "before-call", self.answer)

    def answer(
        self, model: OperationModel, params: dict[str, Any], **_: object
    ) -> tuple[AWSResponse, dict[str, Any]] | None:
        with self._lock:
            code = self.codes.pop(model.name, None)
            if code is None:
                return None
            self.answered.append(model.name)
        return _no_call(params["url"], code)


class FirstSends:
    """Refuses the first try of some operations with a code and a message; `left` are those to
    come.

    AWS answers a second try.
    """

    def __init__(
        self, monkeypatch: pytest.MonkeyPatch, refusals: dict[str, tuple[str, str]]
    ) -> None:
        self.left = dict(refusals)
        self._lock = threading.Lock()
        quicken(monkeypatch)
        for operation in refusals:
            on_sessions_of_ops(monkeypatch, f"before-send.*.{operation}", self._refuse(operation))

    def _refuse(self, operation: str) -> Callable[..., AWSResponse | None]:
        def refuse(request: AWSPreparedRequest, **_: object) -> AWSResponse | None:
            with self._lock:
                refusal = self.left.pop(operation, None)
            return None if refusal is None else _refusal(request, 400, *refusal)

        return refuse


class Overlaps:
    """Refuses a call of an operation while another one for the same parent runs."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *operations: str, code: str) -> None:
        self.calls = Counter[str]()  # by parent
        self._under_way = Counter[str]()
        self._code = code
        self._lock = threading.Lock()
        for operation in operations:
            on_sessions_of_ops(monkeypatch, f"before-call.*.{operation}", self._begin)
            on_sessions_of_ops(monkeypatch, f"after-call.*.{operation}", self._end)

    def _begin(
        self, params: dict[str, Any], context: dict[str, Any], **_: object
    ) -> tuple[AWSResponse, dict[str, Any]] | None:
        body = json.loads(bytes_of(params["body"]))
        parent = context["parent"] = body.get("logGroupName") or body["ResourceId"]
        with self._lock:
            self.calls[parent] += 1
            self._under_way[parent] += 1
            alone = self._under_way[parent] == 1
        return None if alone else _no_call(params["url"], self._code)

    def _end(self, context: dict[str, Any], **_: object) -> None:
        with self._lock:
            self._under_way[context["parent"]] -= 1


def _no_call(url: str, code: str) -> tuple[AWSResponse, dict[str, Any]]:
    """Return botocore's error for a refusal, without a call and its retries."""
    metadata = {"HTTPStatusCode": 400, "HTTPHeaders": {}, "RetryAttempts": 0}
    error = {"Code": code, "Message": "Injected."}
    answer = AWSResponse(url, 400, HTTPHeaders(), Body(b""))
    return answer, {"Error": error, "ResponseMetadata": metadata}
