"""The plan of a release: changes, order, commits and migrations."""

import subprocess
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from ops.base.errors import OpsError
from ops.copilot.workspace import Release, load_workspace
from ops.release.decisions.model import Source, Version
from ops.release.decisions.plan import Facts, make_plan, waves_of
from ops.release.render import plan_as_data, plan_as_markdown, plan_as_text
from ops.release.source import between, files_of
from tests.ops.release.records import BEGAN, V1, V2, version

NOW = BEGAN + timedelta(days=3, hours=2)


def facts(root: Path, **running: Version | None) -> Facts:
    order = ("web", ("worker",))
    images = {"web": V2, "worker": V2}
    settings = Release(order=order, verify=("make", "smoke"), bake="2m")  # type: ignore[arg-type]  # as in a file
    return Facts(load_workspace(root), "prod", settings, images, running, Source())


def test_only_what_runs_something_else_is_deployed(workspace: Path) -> None:
    plan = make_plan(facts(workspace, web=version(V2), worker=version(V1)))
    assert [[each.workload for each in wave] for wave in plan.waves] == [["worker"]]
    assert [each.workload for each in plan.unchanged] == ["web"]
    moved = replace(version(V2), digests=frozenset({V2.digest, "sha256:old"}))
    assert len(make_plan(facts(workspace, web=moved, worker=version(V2))).changes) == 1
    nothing = make_plan(facts(workspace, web=version(V2), worker=version(V2)))
    assert "nothing to release" in plan_as_text(nothing, Release(), NOW)
    again = replace(facts(workspace, web=version(V2), worker=version(V2)), redeploy=True)
    assert len(make_plan(again).changes) == 2


def test_the_plan_says_what_runs_and_what_comes(workspace: Path) -> None:
    known = Source(("abc1234 Charge twice",), ("0007_twice.py",))
    before = replace(facts(workspace, web=version(V1), worker=None), source=known)
    plan = make_plan(replace(before, released={"v1": "ada"}))
    text = plan_as_text(plan, before.settings, NOW)
    for words in (
        "1.  web     v1 → v2",
        "shop-prod-web:7, 2 tasks, v1, 3 d 2 h old, released by ada",
        "2.  worker  not deployed → v2",
        "abc1234 Charge twice",
        "1 migration:\n  0007_twice.py",
        "Then: ops sync, `make smoke`, alarms quiet for 2 min.",
    ):
        assert words in text
    assert "| 1 | web | v1 | v2 |" in plan_as_markdown(plan, before.settings, NOW)
    data = plan_as_data(plan)
    assert data["digest"] == V2.digest
    assert data["waves"] == [
        [
            {
                "workload": "web",
                "after": {"tag": "v2", "digest": "sha256:v2"},
                "before": {
                    "tag": "v1",
                    "digests": ["sha256:v1"],
                    "task_definition": "shop-prod-web:7",
                    "since": "2026-11-28T12:00:00+00:00",
                    "tasks": 2,
                },
            }
        ],
        [{"workload": "worker", "after": {"tag": "v2", "digest": "sha256:v2"}, "before": None}],
    ]


def test_a_rollback_names_the_migrations_that_stay(workspace: Path) -> None:
    back = replace(facts(workspace, web=version(V1)), is_rollback=True)
    plan = make_plan(replace(back, source=Source(migrations=("0007_twice.py",))))
    assert any("0007_twice.py" in warning for warning in plan.warnings)


@pytest.mark.parametrize(
    ("order", "problem"),
    [
        (("web",), "the order lacks worker"),
        (("web", "wrker"), "no service `wrker`"),
        (("web", ("worker", "web")), "`web` stands twice"),
    ],
)
def test_an_order_fits_the_workspace(
    order: tuple[str | tuple[str, ...], ...], problem: str, workspace: Path
) -> None:
    with pytest.raises(OpsError, match=problem):
        waves_of(load_workspace(workspace), Release(order=order))


def test_without_an_order_all_are_deployed_side_by_side(workspace: Path) -> None:
    assert waves_of(load_workspace(workspace), Release()) == [("web", "worker")]


@pytest.fixture
def history(workspace: Path) -> Path:
    """Create a repository with the workspace in a subdirectory, and the tags v1 and v2."""
    inner = workspace / "shop"
    (inner / "copilot").mkdir(parents=True)
    (inner / "migrations").mkdir()
    settings = ("-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false")

    def git(*arguments: str) -> None:
        subprocess.run(["git", "-C", str(workspace), *settings, *arguments], check=True)

    git("init", "-q")
    for tag in ("v1", "v2"):
        (inner / "copilot/.workspace").write_text(f"application: {tag}\n")
        (inner / f"migrations/{tag}.py").write_text("")
        git("add", "-A")
        git("commit", "-qm", f"Release {tag}")
        git("tag", tag)
    return inner


def test_commits_and_migrations_in_between_are_known_in_both_directions(history: Path) -> None:
    for before, after in (("v1", "v2"), ("v2", "v1")):
        found = between(history, [before, None], after, "migrations")
        assert [commit.partition(" ")[2] for commit in found.commits] == ["Release v2"]
        assert found.migrations == ("v2.py",)
    assert between(history, ["v2"], "v2", None) == Source()
    assert not between(history, ["unknown"], "v2", None).is_known


def test_an_earlier_tag_goes_with_its_own_files(history: Path) -> None:
    with files_of(history, "v1") as directory:
        assert directory is not None
        assert (directory / "copilot/.workspace").read_text() == "application: v1\n"
    assert not directory.exists()
    with files_of(history, "unknown") as nothing:
        assert nothing is None
