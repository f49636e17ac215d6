"""`ops release` on the embedded AWS: good releases lose no request, bad ones go back."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.e2e.laptop import PATIENCE, READY, Laptop, ops, read_until_ready
from tests.e2e.shop import write_shop
from tests.ports import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

GIVES_UP = """\
#!{python}
# The Copilot CLI with a short limit: it ends as at its own, once the stack is being updated.
import boto3, subprocess, sys, time
stack = f"shop-test-{{sys.argv[sys.argv.index('--name') + 1]}}"
cloudformation = boto3.client("cloudformation")
cli = subprocess.Popen(["{copilot}", *sys.argv[1:]])
while cli.poll() is None:
    [described] = cloudformation.describe_stacks(StackName=stack)["Stacks"]
    if described["StackStatus"] == "UPDATE_IN_PROGRESS":
        cli.kill()
    time.sleep(0.05)
sys.exit("✘ wait until the stack is updated: ResourceNotReady: exceeded wait attempts")
"""


@dataclass
class Requests:
    """Requests to the shop without a pause, and their results."""

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

    def start(self, *arguments: str, path: str = "", **variables: str) -> subprocess.Popen[str]:
        """Start `ops release`, with programs in `path` before others, in a session of its own."""
        front = [path] if path else []
        programs = os.pathsep.join([*front, str(Path(sys.executable).parent), os.environ["PATH"]])
        return subprocess.Popen(
            ops("local", "run", "--", "env", f"PATH={programs}", *ops("release", *arguments)),
            start_new_session=True,
            cwd=self.laptop.root,
            env=os.environ | variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def release(
        self, *arguments: str, code: int = 0, path: str = "", **variables: str
    ) -> tuple[str, str]:
        process = self.start(
            *arguments, "--env", "test", "--yes", "--no-check", path=path, **variables
        )
        out, err = process.communicate(timeout=3 * PATIENCE)
        assert process.returncode == code, out + err
        return out, err

    def records(self) -> list[dict[str, Any]]:
        told = self.laptop.run(*ops("release", "history", "--env", "test", "--output", "json"))
        found: list[dict[str, Any]] = json.loads(told)["releases"]
        return found

    @contextmanager
    def requests(self) -> Iterator[Requests]:
        """Send requests to the shop during the block, and check that none fails."""
        made = Requests(self.url)
        threads = [threading.Thread(target=made.run) for _ in range(4)]
        for thread in threads:
            thread.start()
        try:
            yield made
        finally:  # else they would keep a failed run from its end
            made.ended.set()
            for thread in threads:
                thread.join()
        assert made.failures == []


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """Run the shop in v1; a test that leaves another version restores it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
        root = tmp_path_factory.mktemp("shop")
        laptop = Laptop(root, free_port())
        write_shop(root, laptop.port)
        process = laptop.up("test")
        printed = read_until_ready(process)
        assert READY in printed, printed
        yield Shop(laptop)
        process.send_signal(signal.SIGTERM)
        rest, _ = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0, rest


@pytest.mark.releases
@pytest.mark.timeout(600)
def test_a_good_release_stays_and_a_bad_one_goes_back_without_a_lost_request(shop: Shop) -> None:
    with shop.requests() as requests:
        out, err = shop.release("--tag", "v2")
        assert "web     v1 → v2" in out
        assert "release of v2: released" in out
        assert "✔ release.verify" in err
        out, _ = shop.release("--tag", "worker-dies", code=1)
    assert {"v1", "v2", "worker-dies"} == set(requests.versions)
    assert "release of worker-dies: went back" in out
    assert "web: v2 → worker-dies, back" in out
    assert "container worker exited with 1" in out
    assert "no configuration" in out
    assert shop.version() == "v2"
    assert [each["tag"] for each in shop.records()] == ["worker-dies", "v2"]


@pytest.mark.releases
@pytest.mark.timeout(600)
class TestThoroughly:
    """The longer stories. Each begins and ends with v1."""

    @pytest.fixture(autouse=True)
    def runs_v1(self, shop: Shop) -> None:
        shop.release("--tag", "v1")
        assert shop.version() == "v1"

    @pytest.mark.parametrize(
        ("tag", "reason"),
        [
            ("dies", "no configuration"),
            ("ill", "Task failed container health checks"),
            ("unmigrated", "column exists already"),
            ("wrong", "the shop answers wrong"),
        ],
    )
    def test_a_bad_release_goes_back(self, shop: Shop, tag: str, reason: str) -> None:
        with shop.requests():
            out, _ = shop.release("--tag", tag, code=1, BAD="wrong")
        assert f"release of {tag}: went back" in out
        assert reason in out, out
        assert shop.version() == "v1"

    def test_two_releases_lose_none_of_a_thousand_requests(self, shop: Shop) -> None:
        with shop.requests() as requests:
            shop.release("--tag", "v2")
            shop.release("--tag", "v3")
        assert set(requests.versions) == {"v1", "v2", "v3"}
        assert len(requests.versions) >= 1000

    def test_going_back_takes_the_release_before(self, shop: Shop) -> None:
        shop.release("--tag", "v2")
        shop.release("--tag", "v3")
        with shop.requests() as requests:
            assert "rollback of v2: released" in shop.release("rollback")[0]
            assert "rollback of v1: released" in shop.release("rollback")[0]
        assert set(requests.versions) == {"v3", "v2", "v1"}
        assert "nothing to release" in shop.release("--tag", "v1")[0]

    @pytest.mark.parametrize(
        "moment",
        [
            "web: waiting for the deployment",
            "stack UPDATE_IN_PROGRESS",
            "✔ web",
            "→ sync",
            "→ smoke command",
        ],
    )
    def test_a_killed_release_is_continued(self, shop: Shop, moment: str) -> None:
        self.kill_at(shop, moment, "v3")
        [dead, *_] = shop.records()
        assert (dead["state"], dead["tag"]) == ("dead", "v3")
        out, err = shop.release("--tag", "v3")
        assert "died while releasing" in err
        assert "release of v3: released" in out
        assert {part["before"] for part in shop.records()[0]["workloads"]} == {"v1"}
        assert "rollback of v1: released" in shop.release("rollback")[0]

    def test_one_that_is_killed_as_it_begins_leaves_nothing_in_the_way(self, shop: Shop) -> None:
        self.kill_at(shop, "Release ", "v3")  # before or after its record is written
        assert "release of v3: released" in shop.release("--tag", "v3")[0]
        assert "rollback of v1: released" in shop.release("rollback")[0]

    def test_a_killed_way_back_is_finished(self, shop: Shop) -> None:
        self.kill_at(shop, "→ going back", "wrong", BAD="wrong")
        out, err = shop.release("--tag", "v2", code=1)
        assert "Its way back is finished first." in err
        assert "release of wrong: went back" in out

    def test_copilots_own_limit_is_not_the_releases(self, shop: Shop, tmp_path: Path) -> None:
        copilot = shutil.which("copilot", path=str(Path(sys.executable).parent))
        script = tmp_path / "copilot"
        script.write_text(GIVES_UP.format(python=sys.executable, copilot=copilot))
        script.chmod(0o755)
        out, _ = shop.release("--tag", "v2", path=str(tmp_path))
        assert "release of v2: released" in out

    def test_ctrl_c_leaves_the_update_of_the_stack_alone(self, shop: Shop) -> None:
        process = shop.start("--tag", "v2", "--env", "test", "--yes", "--no-check")
        assert process.stderr is not None
        next(line for line in process.stderr if "stack UPDATE_IN_PROGRESS" in line)
        os.killpg(process.pid, signal.SIGINT)  # what Ctrl-C in a terminal reaches
        _, err = process.communicate(timeout=PATIENCE)
        assert process.returncode == 130
        assert "`ops release --env test --tag v2` continues it" in err
        assert "release of v2: released" in shop.release("--tag", "v2")[0]
        assert {part["before"] for part in shop.records()[0]["workloads"]} == {"v1"}

    def test_a_second_release_is_refused(self, shop: Shop) -> None:
        process = shop.start("--tag", "v2", "--env", "test", "--yes", "--no-check")
        assert process.stderr is not None
        next(line for line in process.stderr if "waiting for" in line)
        _, err = shop.release("--tag", "v3", code=1)
        assert "of v2 is in progress: started by" in err
        process.communicate(timeout=3 * PATIENCE)
        assert process.returncode == 0

    def test_restart_and_scale(self, shop: Shop) -> None:
        run = shop.laptop.run
        with shop.requests():
            told = run(*ops("restart", "web", "--env", "test", "--yes"))
            assert "1 new task of `web` running." in told
            told = run(*ops("scale", "web", "2", "--env", "test", "--yes"))
            assert "2 tasks of `web` running." in told
            assert "The next deployment sets it back to the manifest's 1." in told
        assert "last release: #" in run(*ops("status", "--env", "test"))

    def kill_at(self, shop: Shop, moment: str, tag: str, **variables: str) -> None:
        process = shop.start("--tag", tag, "--env", "test", "--yes", "--no-check", **variables)
        assert process.stderr is not None
        next(line for line in process.stderr if moment in line)
        process.kill()
        process.communicate()
