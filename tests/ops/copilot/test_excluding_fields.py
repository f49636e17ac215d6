"""Fields of a manifest that exclude each other, where an override sets the other one.

The expected results are Copilot's (internal/pkg/manifest/transform.go).
"""

from pathlib import Path

import pytest

from ops.copilot.workload import TaskRange, Workload
from ops.copilot.workspace.document import parse_document
from ops.copilot.workspace.merge import for_environment


def merged(base: str, override: str) -> object:
    text = f"type: Backend Service\n{base}\nenvironments:\n  prod: {override}\n"
    document = parse_document(text.encode(), Path("copilot/worker/manifest.yml"))
    data = for_environment(document, "prod").data
    del data["type"]
    return data


SPOT = "count: {spot: 1}"
RANGE = "count: {range: 1-10, cooldown: {in: 30s}, cpu_percentage: 70, queue_delay: {}}"
EFS = "storage: {volumes: {v: {path: /v, efs: {uid: 1, gid: 1}}}}"


@pytest.mark.parametrize(
    ("base", "override", "expected"),
    [
        (RANGE, "{count: {spot: 1}}", {"count": {"spot": 1}}),
        (SPOT, "{count: {range: 1-2}}", {"count": {"range": "1-2"}}),
        (SPOT, "{count: {requests: 5}}", {"count": {"requests": 5}}),
        (SPOT, "{count: {range: null}}", {"count": {"spot": 1}}),
        (SPOT, "{count: {range: {}}}", {"count": {"spot": 1, "range": {}}}),
        (SPOT, "{count: {spot: 2, range: 1-2}}", {"count": {"spot": 2, "range": "1-2"}}),
        (
            "image: {build: a, port: 1}",
            "{image: {location: b}}",
            {"image": {"location": "b", "port": 1}},
        ),
        ("image: {location: b}", "{image: {build: a}}", {"image": {"build": "a"}}),
        (
            "secrets: {A: {from_cfn: a}, B: /b}",
            "{secrets: {A: {secretsmanager: c}}}",
            {"secrets": {"A": {"secretsmanager": "c"}, "B": "/b"}},
        ),
        (
            "sidecars: {s: {secrets: {A: {secretsmanager: c}}}}",
            "{sidecars: {s: {secrets: {A: {from_cfn: a}}}}}",
            {"sidecars": {"s": {"secrets": {"A": {"from_cfn": "a"}}}}},
        ),
        (
            EFS,
            "{storage: {volumes: {v: {efs: {id: fs-1}}}}}",
            {"storage": {"volumes": {"v": {"path": "/v", "efs": {"id": "fs-1"}}}}},
        ),
        # Only there: a variable may have any name.
        ("variables: {spot: 1}", "{variables: {range: 2}}", {"variables": {"spot": 1, "range": 2}}),
    ],
)
def test_an_override_takes_away_what_it_excludes(
    base: str, override: str, expected: object
) -> None:
    assert merged(base, override) == expected


def test_the_tasks_of_a_service_are_those_that_copilot_makes() -> None:
    manifest = merged(RANGE, "{count: {spot: 3}}")
    assert isinstance(manifest, dict)
    assert Workload.from_manifest(manifest, None).tasks == TaskRange(3, 3)
