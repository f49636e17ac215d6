"""SIGTERM ends the API in time, whatever its clients do."""

import socket
import time
from pathlib import Path

from tests.amply.support.processes import running

_HALF_A_REQUEST = b"POST /donations HTTP/1.1\r\nHost: amply\r\nContent-Length: 100\r\n\r\n{"


def test_a_request_that_never_ends_holds_no_task(tmp_path: Path) -> None:
    """Use the time limits of copilot/api/manifest.yml, shortened to one second."""
    environment = {"UVICORN_TIMEOUT_GRACEFUL_SHUTDOWN": "1"}
    command = ["uvicorn", "amply.main:app", "--host", "127.0.0.1", "--port", "0"]
    with running(command, environment, tmp_path) as api:
        line = api.wait_for(lambda line: "127.0.0.1:" in line and "running on" in line)
        port = int(line.rpartition("127.0.0.1:")[2].split()[0].strip('",'))
        with socket.create_connection(("127.0.0.1", port)) as client:
            client.sendall(_HALF_A_REQUEST)
            started = time.monotonic()
            api.stop()
            assert time.monotonic() - started < 20
