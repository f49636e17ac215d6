"""The stand-ins as commands, and where the embedded Redis improves on fakeredis."""

import socket
import threading
from pathlib import Path

import pytest
import redis
from fakeredis import TcpFakeServer
from redis.backoff import NoBackoff
from redis.retry import Retry

from amply.embedded.listening import listen
from amply.embedded.redis import server_on
from tests.amply.support.processes import running

STAND_INS = ["stripe", "redis"]


@pytest.mark.parametrize("name", STAND_INS)
def test_it_ends_promptly_though_a_client_is_connected(name: str, tmp_path: Path) -> None:
    command = ["python", "-m", f"amply.embedded.{name}", "--port", "0"]
    with running(command, {}, tmp_path) as process:
        line = process.wait_for(lambda line: "listening on" in line)
        port = int(line.rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port)):
            assert process.stop() in {0, -15}


@pytest.mark.parametrize("name", STAND_INS)
def test_a_taken_port_is_told_in_one_line(name: str, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        command = ["python", "-m", f"amply.embedded.{name}", "--port", str(port)]
        with running(command, {}, tmp_path) as process:
            assert process.wait() == 1
    (line,) = process.lines
    assert line.startswith(f"embedded {name}: cannot listen on 127.0.0.1:{port}: ")


def evaluate_twice(server: TcpFakeServer) -> None:
    """Run a script twice over one connection, as redis-py does."""
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        port = server.socket.getsockname()[1]
        once = Retry(NoBackoff(), 0)
        with redis.Redis(port=port, single_connection_client=True, retry=once) as client:
            for _ in range(2):
                with pytest.raises(redis.ResponseError):
                    client.execute_command("NO-SUCH-COMMAND")
            client.set("key", "value")
            assert client.get("key") == b"value"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_an_error_leaves_the_connection_open() -> None:
    evaluate_twice(server_on(listen("redis", 0)))


def test_fakeredis_itself_still_hangs_up() -> None:
    """`_KeepsConnections` can be removed when this test fails."""
    server = TcpFakeServer(("127.0.0.1", 0))
    server.block_on_close = False
    with pytest.raises(redis.ConnectionError):
        evaluate_twice(server)


def test_red_beat_s_lock(tmp_path: Path) -> None:
    server = server_on(listen("redis", 0))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        with redis.Redis(port=server.socket.getsockname()[1]) as client:
            lock = client.lock("lock", timeout=30)
            assert lock.acquire()
            assert lock.extend(30)
            lock.release()
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
