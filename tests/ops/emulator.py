"""moto over HTTP in a process of its own: `python -m tests.ops.emulator` prints its address.

It ends when its standard input does, so it outlives no test run.
"""

import sys

from moto.server import ThreadedMotoServer

import tests.ops.scalable_target  # noqa: F401  # registers itself with moto


def main() -> None:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    sys.stdout.write(f"http://{host}:{port}\n")
    sys.stdout.flush()
    sys.stdin.read()


if __name__ == "__main__":
    main()
