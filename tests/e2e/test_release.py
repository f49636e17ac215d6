"""`ops release` on the embedded AWS: good releases lose no request, bad ones go back."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
import time
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from tests.e2e.laptop import PATIENCE, READY, Laptop, ops, read_until_ready
from tests.e2e.shop import write_shop
from tests.ports import free_port
from tests.waiting import until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@dataclass
class Requests:
    """Requests to the shop without a pause, and what came of them."""

    url: str
    versions: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        while not self.ended.is_set():
            try:
                with urllib.request.urlopen(self.url, timeout=30) as answer:  # noqa: S310
                    self.versions.append(answer.read().decode())
            except OSError as error:
                self.failures.append(str(error))
            time.sleep(0.01)


@dataclass
class Shop:
    """The shop on a laptop, and `ops release` for it."""

    laptop: Laptop

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.laptop.port}/"

    def version(self) -> str:
        with urllib.request.urlopen(self.url, timeout=10) as answer:  # noqa: S310
            return str(answer.read().decode())

    def start(self, *arguments: str, **variables: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            ops("local", "run", "--", *ops("release", *arguments)),
            cwd=self.laptop.root,
            env=os.environ | variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def release(self, *arguments: str, code: int = 0, **variables: str) -> tuple[str, str]:
        process = self.start(*arguments, "--env", "test", "--yes", "--no-check", **variables)
        out, err = process.communicate(timeout=3 * PATIENCE)
        assert process.returncode == code, out + err
        return out, err

    def records(self) -> list[dict[str, Any]]:
        told = self.laptop.run(*ops("release", "history", "--env", "test", "--output", "json"))
        found: list[dict[str, Any]] = json.loads(told)["releases"]
        return found

    @contextmanager
    def requests(self) -> Iterator[Requests]:
        """Ask for the shop all the time inside the block; no request may fail."""
        made = Requests(self.url)
        threads = [threading.Thread(target=made.run) for _ in range(4)]
        for thread in threads:
            thread.start()
        yield made
        made.ended.set()
        for thread in threads:
            thread.join()
        assert made.failures == []


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """The shop in v1; each test that leaves another version says so."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
        root: Path = tmp_path_factory.mktemp("shop")
        laptop = Laptop(root, free_port())
        write_shop(root, laptop.port)
        process = laptop.up("test")
        printed = read_until_ready(process)
        assert READY in printed, printed
        yield Shop(laptop)
        process.send_signal(signal.SIGTERM)
        rest, _ = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0, rest


def test_a_release_and_its_rollback_lose_no_request(shop: Shop) -> None:
    with shop.requests() as requests:
        out, err = shop.release("--tag", "v2")
        assert "web     v1 → v2" in out
        assert "release of v2: released" in out
        assert "✔ release.verify" in err
        assert shop.version() == "v2"
        out, _ = shop.release("rollback")
    assert "rollback of v1: released" in out
    assert shop.version() == "v1"
    assert {"v1", "v2"} == set(requests.versions)
    assert [each["tag"] for each in shop.records()[:2]] == ["v1", "v2"]
    out, _ = shop.release("--tag", "v1")
    assert "nothing to release" in out


def test_what_dies_goes_back_with_its_last_words(shop: Shop) -> None:
    with shop.requests() as requests:
        out, _ = shop.release("--tag", "worker-dies", code=1)
    assert set(requests.versions) == {"v1", "worker-dies"}
    assert "release of worker-dies: went back" in out
    assert "web: v1 → worker-dies, back" in out
    assert "no configuration" in out
    assert "container worker exited with 1" in out
    assert shop.version() == "v1"


def test_a_failed_smoke_command_brings_all_back(shop: Shop) -> None:
    out, _ = shop.release("--tag", "wrong", code=1, BAD="wrong")
    assert "`python src/shop/smoke.py` exited with 1" in out
    assert "the shop answers wrong" in out
    assert shop.version() == "v1"
    assert [part["progress"] for part in shop.records()[0]["workloads"]] == ["back", "back"]


def test_a_killed_release_is_continued(shop: Shop) -> None:
    process = shop.start("--tag", "v3", "--env", "test", "--yes", "--no-check")
    assert process.stderr is not None
    for line in process.stderr:
        if "stack UPDATE_IN_PROGRESS" in line:
            break
    process.kill()
    process.communicate()
    [dead, *_] = shop.records()
    assert (dead["state"], dead["tag"]) == ("dead", "v3")
    out, err = shop.release("--tag", "v3")
    assert "died while releasing (deploying web)" in err
    assert "release of v3: released" in out
    assert [part["before"] for part in shop.records()[0]["workloads"]] == ["v1", "v1"]
    shop.release("rollback")
    until("v1 is back", lambda: shop.version() == "v1")
