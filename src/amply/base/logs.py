"""Logging: one JSON object a line on standard output, in the format of docs/design-page.md.

Identifiers that belong to everything said while a request or a task is handled (`request_id`,
`task_id`) are bound once with `bound` and appear in every line, libraries' lines included.
"""

import json
import logging
import os
import sys
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import lru_cache
from types import TracebackType

_bound: ContextVar[Mapping[str, str]] = ContextVar("amply_log_context", default={})  # noqa: B039 - never mutated

_STANDARD_FIELDS = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}

# A pipe takes a write of up to PIPE_BUF (4,096) bytes whole: below that, the lines of a worker's
# main process and those of its pool never mix.
_LONGEST_TRACEBACK = 3000

# They say at INFO what only their own developers want to read, for every single call.
_CHATTY = ("botocore", "boto3", "urllib3", "stripe", "kombu", "asyncio", "aiosqlite")


_encode = json.JSONEncoder(default=str).encode  # made once: json.dumps makes one a line


@contextmanager
def bound(**identifiers: str | None) -> Iterator[None]:
    """Add these identifiers, unless None, to every line logged inside the block."""
    known = {name: value for name, value in identifiers.items() if value is not None}
    token = _bound.set({**_bound.get(), **known})
    try:
        yield
    finally:
        _bound.reset(token)


def bound_identifier(name: str) -> str | None:
    """Return the value bound under this name in the current context, if any."""
    return _bound.get().get(name)


class JsonFormatter(logging.Formatter):
    """timestamp, level, logger, message, then the line's own fields, then the bound identifiers.

    Fields given by `extra=` are written for our own loggers only: those of libraries may hold
    what must not be logged (Celery's hold the arguments of a task).
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as JSON without a line break."""
        line: dict[str, object] = {
            "timestamp": _written(int(record.created)),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= _own_fields(record)
        line |= _bound.get()
        if record.exc_info:
            line["exception"] = _shortened(record.exc_info)
        return _encode(line)


@lru_cache(maxsize=16)
def _written(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _own_fields(record: logging.LogRecord) -> dict[str, object]:
    if record.name.partition(".")[0] == "amply":
        return {key: value for key, value in vars(record).items() if key not in _STANDARD_FIELDS}
    celery_task = getattr(record, "data", None)  # Celery's lines about a task, in its main process
    if isinstance(celery_task, dict) and "id" in celery_task:
        return {"task_id": celery_task["id"]}
    return {}


def _shortened(exc_info: object) -> str:
    text = "".join(traceback.format_exception(*exc_info)).rstrip()  # type: ignore[misc]
    return text if len(text) <= _LONGEST_TRACEBACK else "…" + text[-_LONGEST_TRACEBACK:]


class _StandardOutput(logging.Handler):
    """A stream that writes each line with one system call, so that lines stay whole and signal
    handlers may log.
    """

    def emit(self, record: logging.LogRecord) -> None:
        try:
            os.write(1, f"{self.format(record)}\n".encode())
        except Exception:  # noqa: BLE001 - logging must not take its caller down
            self.handleError(record)


def configure_logging(level: int | str = logging.INFO) -> None:
    """Send every logger's lines to standard output as JSON, whatever was configured before."""
    # What our lines do not say need not be found out for each of them.
    # https://docs.python.org/3/howto/logging.html#optimization
    logging.logProcesses = logging.logMultiprocessing = False
    handler = _StandardOutput()
    handler.setFormatter(JsonFormatter())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):  # set up before it imports us
        logging.getLogger(name).handlers = []
        logging.getLogger(name).propagate = True
    logging.getLogger("uvicorn.access").disabled = True  # amply.api.access says more, in fields
    for name in _CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.captureWarnings(capture=True)
    sys.excepthook = _log_uncaught


def _log_uncaught(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    logging.getLogger("amply").critical("Uncaught error", exc_info=(kind, error, trace))
