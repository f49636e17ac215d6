"""Valid `ops.yml` files with a few mistakes, read up to the desired resources.

The files are those of the how-to pages and of this repository, so that mistakes occur in every
section. Some 30 cases here; `make fuzz` runs thousands.
"""

import copy
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from ops.base.errors import OpsError
from ops.base.kinds import KINDS
from ops.copilot.place import ServiceStack
from ops.copilot.workspace import load_workspace
from ops.copilot.workspace.document import parse_document
from ops.plan.model import Resource, make_plan
from ops.plan.survey.declarations import Declarations, read_declarations
from ops.plan.survey.places import read_places
from ops.plan.survey.survey import decide
from tests.documents import HOW_TO, blocks_of
from tests.ops.check.conftest import write
from tests.ops.check.fuzz.fuzzing import assert_located, examples, schema_names
from tests.ops.support import every_kind

ROOT = Path(__file__).parents[4]
SHARED = "copilot/ops.yml"
SERVICES = {"web": "Load Balanced Web Service", "api": "Load Balanced Web Service"}
SERVICES |= {"worker": "Backend Service", "beat": "Backend Service"}
WORKSPACE = {
    "copilot/.workspace": "application: shop\n",
    **{
        f"copilot/environments/{name}/manifest.yml": f"name: {name}\ntype: Environment\n"
        for name in ("prod", "staging")
    },
    **{
        f"copilot/{name}/manifest.yml": f"name: {name}\ntype: {kind}\ncount: {{range: 1-9}}\n"
        for name, kind in SERVICES.items()
    },
}


def _seeds() -> Iterator[tuple[str, dict[str, Any]]]:
    """Return each valid file by its path in the workspace."""
    texts = [(path, path.read_text()) for path in ROOT.glob("copilot/**/ops.yml")]
    found = [(path.relative_to(ROOT).as_posix(), text) for path, text in texts]
    for page in sorted(HOW_TO.glob("*.md")):
        named = [(block.path or "", block.text) for block in blocks_of(page)]
        found += [(path, text) for path, text in named if path.endswith("ops.yml")]
    alarms = "".join(f"    alarm-00{at}: {every_kind.ALARM}\n" for at in (0, 1))
    found += [
        (SHARED, every_kind.SHARED),
        (
            "copilot/web/ops.yml",
            every_kind.WEB.format(alarms=alarms, log_metrics=every_kind.LOG_METRICS),
        ),
        ("copilot/worker/ops.yml", every_kind.WORKER),
    ]
    for path, text in found:
        yield path, parse_document(text.encode(), Path(path)).data


SEEDS = [seed for seed in _seeds() if seed[0] == SHARED or seed[0].split("/")[1] in SERVICES]
TOPICS = "topics: {page: {email: []}, warn: {email: []}, info: {email: []}}\n"
NAMES = schema_names()
ODD: list[Any] = [
    *(None, True, False, 0, -1, 1, 3, 10**30, 1.5, float("inf"), "", " ", "~", "off", "a" * 300),
    *("0s", "1s", "61s", "5m", "3d", "99999d", "24:00", "23:59", "00:00", "2026-02-30", "1-9"),
    *("2099-12-24", "Europe/Nowhere", "../..", "${A}", "${COPILOT_ENVIRONMENT_NAME}", "max-tasks"),
    *(
        "p99",
        "ALARM(",
        "ALARM(in-trouble)",
        "\u2028",
        "\x85",
        "ü",
        "worker",
        "shop",
        "jobs",
        "page",
    ),
    *("arn:aws:sns:us-east-1:123456789012:other", "https://x", "a@b", "a/b", [], {}, [[]], {"": 1}),
]

VALUES = st.sampled_from(ODD).map(copy.deepcopy) | st.text(max_size=8) | st.integers()


def _paths(node: object, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Return every place below the root, as keys and indices."""
    below = dict(enumerate(node)) if isinstance(node, list) else node
    for key, value in below.items() if isinstance(below, dict) else ():
        yield (*path, key)
        yield from _paths(value, (*path, key))


def _at(data: Any, path: tuple[Any, ...]) -> Any:  # noqa: ANN401
    for key in path:
        data = data[key]
    return data


@st.composite
def mistaken(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    """A sound file with up to three mistakes."""
    path, sound = draw(st.sampled_from(SEEDS))
    data = copy.deepcopy(sound)
    for _ in range(draw(st.integers(1, 3))):
        places = list(_paths(data))
        if not places:
            break
        *above, key = draw(st.sampled_from(places))
        parent = _at(data, tuple(above))
        match draw(st.sampled_from(["odd", "odd", "graft", "leave", "rename", "add", "override"])):
            case "odd":
                parent[key] = draw(VALUES)
            case "graft":  # what is sound elsewhere
                other = draw(st.sampled_from(SEEDS))[1]
                parent[key] = copy.deepcopy(_at(other, draw(st.sampled_from(list(_paths(other))))))
            case "leave":
                del parent[key]
            case "rename" if isinstance(parent, dict):
                parent[draw(st.sampled_from(NAMES))] = parent.pop(key)
            case "add" if isinstance(parent, dict):
                parent[draw(st.sampled_from(NAMES))] = draw(VALUES)
            case "override" if not above and isinstance(data.get("environments", {}), dict):
                value = copy.deepcopy(data[key])
                data.setdefault("environments", {})["staging"] = {key: value}
            case _:
                pass
    return path, data


def _stacks(_: object, application: str, environment: str, services: list[str]) -> dict[str, Any]:
    """Return stacks as if every service were deployed."""
    return {
        name: ServiceStack(
            f"{application}-{environment}-{name}",
            "cluster",
            name,
            target_group="targetgroup/web/1" if "Web" in SERVICES[name] else None,
            load_balancer="app/public/2" if "Web" in SERVICES[name] else None,
            log_group=f"/copilot/{name}",
            scalable_target=f"service/cluster/{name}",
            account="123456789012",
            region="eu-central-1",
        )
        for name in services
    }


def _resolutions(_: object, stacks: Iterable[ServiceStack]) -> dict[str, int]:
    """Return one-minute metrics for every service."""
    return {stack.name: 60 for stack in stacks}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("mistaken")
    write(folder, WORKSPACE)
    return folder


@pytest.fixture(scope="module", autouse=True)
def deployed() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ops.plan.survey.places.read_stacks", _stacks)
        patch.setattr("ops.plan.survey.places.read_resolutions", _resolutions)
        yield


def _decided(folder: Path, path: str, data: object, environment: str) -> list[list[Resource]]:
    """Compute the desired resources of each kind. Raise OpsError if a file is wrong."""
    for old in folder.glob("copilot/**/ops.yml"):
        old.unlink()
    (folder / SHARED).write_text(TOPICS)  # without one, an event notifies nobody and is no rule
    text = yaml.safe_dump(data, allow_unicode=True, sort_keys=False)
    (folder / path).write_bytes(text.encode("utf-8", "surrogatepass"))
    declarations = read_declarations(load_workspace(folder), KINDS, environment)
    return [_resources(declarations, kind_name) for kind_name in declarations.sections]


def _resources(declarations: Declarations, kind_name: str) -> list[Resource]:
    [kind] = [each for each in KINDS if each.name == kind_name]
    owners = declarations.sections[kind_name]
    places = read_places(declarations, owners, Mock())
    found = list[Resource]()
    for owner in owners:
        place = places[owner]
        if isinstance(place, OpsError):
            raise place
        found += decide(kind, declarations, owner, place)[0]
    return found


def test_the_sound_files_are_sound_and_reach_every_kind(folder: Path) -> None:
    reached, refused = dict.fromkeys((kind.name for kind in KINDS), 0), list[str]()
    for path, data in SEEDS:
        for environment in ("prod", "staging"):
            try:
                decided = _decided(folder, path, data, environment)
            except OpsError as error:
                refused.append(str(error))
                continue
            for name, resources in zip(reached, decided, strict=True):
                reached[name] += len(resources)
    assert all(reached.values()), reached
    assert not refused, refused


@examples
@given(file=mistaken(), environment=st.sampled_from(["prod", "staging"]))
def test_a_mistake_is_told_with_its_line_or_is_none(
    folder: Path, file: tuple[str, dict[str, Any]], environment: str
) -> None:
    try:
        decided = _decided(folder, *file, environment)
    except OpsError as error:
        assert_located(error)
        return
    for kind, resources in zip(KINDS, decided, strict=True):
        json.dumps([each.properties for each in resources])  # a plan can be kept
        plan = make_plan(kind.name, resources, [], set)
        assert len(plan.writes) + len(plan.conflicts) == len(resources)
