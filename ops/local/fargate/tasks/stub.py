"""A stub: a process in place of a container that cannot run on this machine.

    python server.py --name web --why "…" --listen 0.0.0.0:80 --answer /health=204 --queue jobs
    python server.py --check 127.8.0.1:80

It answers every request and says in each answer that it is a stub. It receives and deletes the
messages of its queue. It logs one JSON line for each request and each message. `--check` is its
container health check.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import socket
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

_PAUSE = 1.0
"""Seconds between two attempts after a queue could not be read."""
_LONG_POLL = 5
"""Seconds: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html"""
_WITHOUT_BODY = frozenset({204, 304})  # RFC 9110, 15.3.5 and 15.4.5


def log(**fields: object) -> None:
    """Write one JSON line."""
    sys.stdout.write(json.dumps({"stub": True, **fields}) + "\n")
    sys.stdout.flush()


class Handler(BaseHTTPRequestHandler):
    """The answer to every request; class attributes are set by `main`."""

    protocol_version = "HTTP/1.1"
    timeout = 60
    name: ClassVar[str]
    why: ClassVar[str]
    answers: ClassVar[dict[str, int]]

    def _answer(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        self.rfile.read(length)
        path = self.path.partition("?")[0]
        status = self.answers.get(path, 200)
        body = b""
        if status not in _WITHOUT_BODY:
            message = f"This is a stub of `{self.name}`, not the service itself: {self.why}."
            fields = {"stub": True, "service": self.name, "message": message, "path": self.path}
            body = (json.dumps(fields) + "\n").encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-Ops-Stub", self.name)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
        if "HealthChecker" not in self.headers.get("User-Agent", ""):
            log(service=self.name, method=self.command, path=self.path, status=status)

    def __getattr__(self, name: str) -> Any:
        """Return the answer for every method that a request may have (`do_GET`, …)."""
        if name.startswith("do_"):
            return self._answer
        raise AttributeError(name)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Log nothing here: `_answer` does."""


def consume(name: str, queue: str) -> None:
    """Receive and delete the messages of a queue, given by its name or URL, for ever."""
    import botocore.session  # noqa: PLC0415 - only a stub with a queue needs it

    client: Any = botocore.session.get_session().create_client("sqs")
    url = queue
    while True:
        try:
            if "://" not in url:
                url = client.get_queue_url(QueueName=queue)["QueueUrl"]
            received = client.receive_message(
                QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=_LONG_POLL
            )
            for message in received.get("Messages", ()):
                log(service=name, queue=queue.rpartition("/")[2], message=message["Body"])
                client.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        except Exception as error:  # noqa: BLE001 - a queue that is not there yet may come
            log(service=name, queue=queue, error=str(error))
            time.sleep(_PAUSE)


def queues_of(environment: dict[str, str]) -> list[str]:
    """Return the queues that Copilot names to a Worker Service.

    https://aws.github.io/copilot-cli/docs/concepts/services/#worker-service
    """
    urls = [environment.get("COPILOT_QUEUE_URI", "")]
    topics: Any = json.loads(environment.get("COPILOT_TOPIC_QUEUE_URIS") or "{}")
    return [queue for queue in (*urls, *topics.values()) if queue]


def is_open(address: str) -> bool:
    """Return whether a process listens on an address."""
    host, _, port = address.rpartition(":")
    try:
        with socket.create_connection((host, int(port)), timeout=2):
            return True
    except OSError:
        return False


def main(arguments: list[str]) -> int:
    """Serve until SIGTERM, or make one check."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--name", default="stub")
    parser.add_argument("--why", default="it cannot run here")
    parser.add_argument("--listen", action="append", default=[])
    parser.add_argument("--answer", action="append", default=[])
    parser.add_argument("--queue", action="append", default=[])
    parser.add_argument("--once", action="store_true")
    parser.add_argument("--check")
    options = parser.parse_args(arguments)
    if options.check:
        return 0 if is_open(options.check) else 1
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    pairs = (answer.rpartition("=") for answer in options.answer)
    Handler.name, Handler.why = options.name, options.why
    Handler.answers = {path: int(status) for path, _, status in pairs}
    for address in options.listen:
        host, _, port = address.rpartition(":")
        server = ThreadingHTTPServer((host, int(port)), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
    for queue in dict.fromkeys([*options.queue, *queues_of(dict(os.environ))]):
        threading.Thread(target=consume, args=(options.name, queue), daemon=True).start()
    log(service=options.name, message=f"stub started: {options.why}", listen=options.listen)
    if options.once:
        return 0
    threading.Event().wait()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
