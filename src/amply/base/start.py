"""The report of an error that keeps a service from starting."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from amply.base.errors import AmplyError

logger = logging.getLogger(__name__)


@contextmanager
def reported_in_one_line(what: str = "Cannot start") -> Iterator[None]:
    """Turn an AmplyError into one log line and exit code 1.

    It raises SystemExit, which uvicorn, Celery's command line and Celery's signals do not catch.
    """
    try:
        yield
    except AmplyError as error:
        logger.critical("%s: %s", what, error)
        # uvicorn logs the traceback of a lifespan that fails; nobody needs this one.
        logging.getLogger("uvicorn.error").addFilter(_is_no_traceback)
        raise SystemExit(1) from None


def _is_no_traceback(record: logging.LogRecord) -> bool:
    return not record.getMessage().startswith("Traceback ")
