"""The listening port of the stand-ins' commands, on loopback."""

import argparse
import socket
import sys


def port_from_command_line(name: str) -> int:
    """Read `--port N`."""
    parser = argparse.ArgumentParser(prog=f"python -m amply.embedded.{name}")
    add_port(parser)
    port: int = parser.parse_args().port
    return port


def add_port(parser: argparse.ArgumentParser) -> None:
    """Add `--port N` to a command."""
    parser.add_argument("--port", type=int, required=True, help="on 127.0.0.1; 0 takes a free one")


def listen(name: str, port: int) -> socket.socket:
    """Bind 127.0.0.1:port and listen, so that clients may connect at once.

    Exit with one line and code 1 if the port is in use.
    """
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
    except (OSError, OverflowError) as error:
        sys.exit(f"embedded {name}: cannot listen on 127.0.0.1:{port}: {error}")
    listener.listen(128)
    return listener
