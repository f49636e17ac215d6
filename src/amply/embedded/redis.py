"""An in-memory Redis on loopback: `python -m amply.embedded.redis --port N`.

RedBeat's lock is a Lua script, for which fakeredis needs its extra `lua`.
"""

import signal
import sys

from fakeredis import TcpFakeServer

from amply.embedded.listening import listen, port_from_command_line


def main() -> None:
    """Serve until SIGTERM or Ctrl-C."""
    listener = listen("redis", port_from_command_line("redis"))
    server = TcpFakeServer(listener.getsockname(), bind_and_activate=False)
    server.socket.close()
    server.socket = listener
    server.daemon_threads = True  # clients that are still connected do not keep us alive
    server.block_on_close = False
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    print(f"embedded redis: listening on 127.0.0.1:{listener.getsockname()[1]}", flush=True)  # noqa: T201
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        sys.exit(0)


if __name__ == "__main__":
    main()
