"""A web service for tests: `web.py HOST PORT VERSION`. The path of a request selects
what it does.
"""

# ruff: noqa: T201 - what it prints is what the tests read
from __future__ import annotations

import json
import os
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

HOST, PORT, VERSION = sys.argv[1], int(sys.argv[2]), sys.argv[3]


class Handler(BaseHTTPRequestHandler):
    """A handler that returns its identity, and can crash, be unhealthy or slow on request."""

    health = 200

    def do_GET(self) -> None:
        """Do what the path requests."""
        match self.path.split("?")[0]:
            case "/health":
                self.answer(Handler.health, b"")
            case "/ill":
                Handler.health = 503
                self.tell()
            case "/crash":
                print("about to crash", flush=True)
                os._exit(3)
            case "/break":
                self.close_connection = True
                self.connection.close()
            case "/half":
                self.send_response(200)
                self.send_header("Content-Length", "100")
                self.end_headers()
                self.wfile.write(b"half")
                self.close_connection = True
            case "/slow":
                time.sleep(0.3)
                self.tell()
            case _:
                self.tell()

    def do_POST(self) -> None:
        """Return the length of the body, in whichever encoding it was sent."""
        size = int(self.headers.get("Content-Length", "0"))
        if "chunked" in self.headers.get("Transfer-Encoding", ""):
            while line := int(self.rfile.readline(), 16):
                size += len(self.rfile.read(line))
                self.rfile.readline()
            self.rfile.readline()
        else:
            self.rfile.read(size)
        self.answer(201, str(size).encode())

    def tell(self) -> None:
        """Return which process answers, and the request."""
        told = {
            "address": HOST,
            "version": VERSION,
            "pid": os.getpid(),
            "environment": dict(os.environ),
            "headers": list(self.headers.items()),
            "path": self.path,
        }
        self.answer(200, json.dumps(told).encode())

    def answer(self, status: int, body: bytes) -> None:
        """Send an answer."""
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "X-Secret-Hop")
        self.send_header("X-Secret-Hop", "1")
        self.send_header("Set-Cookie", "a=1")
        self.send_header("Set-Cookie", "b=2")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Be quiet."""


print("listening", flush=True)
ThreadingHTTPServer((HOST, PORT), Handler).serve_forever()
