"""An in-memory Redis on loopback: `python -m amply.embedded.redis --port N`.

RedBeat's lock is a Lua script, for which fakeredis needs its extra `lua`.
"""

import signal
import socket
import sys

from fakeredis import TcpFakeServer
from fakeredis._clients._tcp_server import TCPFakeRequestHandler
from redis.exceptions import ResponseError

from amply.embedded.listening import listen, port_from_command_line


class _KeepsConnections(TCPFakeRequestHandler):
    """A connection that stays open after an error, as in Redis; fakeredis 2.40 closes it. redis-py
    needs that for every script: EVALSHA, NOSCRIPT, then SCRIPT LOAD.
    """

    def setup(self) -> None:
        super().setup()
        read = self.current_client.read_response

        def read_response() -> object:
            try:
                return read()
            except ResponseError as error:
                return error

        self.current_client.read_response = read_response  # type: ignore[method-assign,assignment]


def server_on(listener: socket.socket) -> TcpFakeServer:
    """Return a server, ready for `serve_forever`, on a listening socket."""
    server = TcpFakeServer(listener.getsockname(), bind_and_activate=False)
    server.socket.close()
    server.socket = listener
    server.RequestHandlerClass = _KeepsConnections
    server.daemon_threads = True  # clients that are still connected do not keep us alive
    server.block_on_close = False
    return server


def main() -> None:
    """Serve until SIGTERM or Ctrl-C."""
    listener = listen("redis", port_from_command_line("redis"))
    server = server_on(listener)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    print(f"embedded redis: listening on 127.0.0.1:{listener.getsockname()[1]}", flush=True)  # noqa: T201
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        sys.exit(0)


if __name__ == "__main__":
    main()
