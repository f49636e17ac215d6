"""The API without its logging, to see what logging costs."""

import logging

from amply.main import app

logging.disable(logging.CRITICAL)

__all__ = ["app"]
