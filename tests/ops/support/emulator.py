"""moto over HTTP in its own process.

`python -m tests.ops.support.emulator` prints its address. It ends with its standard input, so
that no test run leaves one behind.
"""

import os
import sys

from moto.server import ThreadedMotoServer

import tests.ops.kinds.scaling.scalable_target  # noqa: F401  # registers itself with moto
from ops.local import gaps


def main() -> None:
    # Thousands of each, made anew by every reset; tests of the embedded AWS turn the latter on.
    os.environ["MOTO_EC2_LOAD_DEFAULT_AMIS"] = "false"
    os.environ["MOTO_IAM_LOAD_MANAGED_POLICIES"] = "false"
    gaps.close(*gaps.ANSWERS)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    sys.stdout.write(f"http://{host}:{port}\n")
    sys.stdout.flush()
    sys.stdin.read()


if __name__ == "__main__":
    main()
