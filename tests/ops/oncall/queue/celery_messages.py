"""Celery messages, created by Celery itself."""

import base64
import json
from typing import Any

from celery import Celery  # type: ignore[import-untyped]


def celery_message(task: str, *arguments: Any, task_id: str | None = None) -> str:  # noqa: ANN401
    """Return the body of an SQS message for a task call: Celery's envelope in kombu's base64.

    Celery's in-memory transport writes the same envelope as all virtual transports.
    https://github.com/celery/kombu/blob/main/kombu/transport/SQS/__init__.py
    """
    app = Celery("shop", broker="memory://")
    with app.connection_for_write() as connection:
        app.send_task(task, arguments, task_id=task_id, connection=connection)
        channel = connection.default_channel
        envelope = channel._get("celery")
    return base64.b64encode(json.dumps(envelope).encode()).decode()
