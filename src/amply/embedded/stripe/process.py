"""Run the embedded Stripe, as a command or in a thread."""

import logging
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from pydantic import SecretStr

from amply.embedded.listening import listen
from amply.embedded.stripe.events import Webhook
from amply.embedded.stripe.http.api import create_stripe

_THREAD = "embedded-stripe"
TEST_KEY = SecretStr("sk_test_embedded")


def serve(listener: socket.socket, webhook: Webhook | None = None) -> None:
    """Serve until SIGTERM or Ctrl-C."""
    _server(webhook).run(sockets=[listener])


@contextmanager
def running_in_thread(webhook: Webhook | None = None) -> Iterator[str]:
    """Serve in a thread; yield the address for STRIPE_API_BASE."""
    listener = listen("stripe", 0)  # connections wait in its backlog until the thread is there
    server = _server(webhook)
    lines = logging.getLogger("uvicorn.error")
    lines.addFilter(_of_other_threads)  # a second "Application startup complete" would mislead
    thread = threading.Thread(target=server.run, args=([listener],), name=_THREAD, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        lines.removeFilter(_of_other_threads)


def _of_other_threads(record: logging.LogRecord) -> bool:
    return record.threadName != _THREAD


def _server(webhook: Webhook | None) -> uvicorn.Server:
    config = uvicorn.Config(
        create_stripe(webhook), log_config=None, access_log=False, timeout_graceful_shutdown=1
    )
    return uvicorn.Server(config)
