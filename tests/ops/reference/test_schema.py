"""The JSON Schemas of `ops.yml`: correct for real files, and published as generated."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from ops.base.fields import DURATION, as_duration, seconds
from ops.copilot.workload import Queue
from ops.copilot.workspace.document import parse_document, read_document
from ops.reference.fields import reference
from ops.reference.meaning import meanings
from ops.reference.schema import FILES, schema
from tests.ops.conftest import FILES as SHOP
from tests.ops.conftest import Ops

ROOT = Path(__file__).parents[3]
SERVICES = sorted((ROOT / "copilot").glob("*/ops.yml"))


def mistakes(file: str, data: object) -> list[str]:
    """Return the schema's errors for a file's content."""
    plain = json.loads(json.dumps(data))  # a mapping's keys are text in JSON
    validator = Draft202012Validator(schema(file))
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(plain)]


def written(text: str) -> dict[str, Any]:
    return parse_document(text.encode(), Path("ops.yml")).data


@pytest.mark.parametrize("file", FILES)
def test_the_schema_is_one(file: str) -> None:
    Draft202012Validator.check_schema(schema(file))


@pytest.mark.parametrize("file", FILES)
def test_every_reference_leads_somewhere(file: str) -> None:
    made = schema(file)
    references = set(re.findall(r'"#/\$defs/([^"]+)"', json.dumps(made)))
    assert references <= made["$defs"].keys()


@pytest.mark.parametrize("file", FILES)
def test_the_published_schema_is_up_to_date(file: str, ops: Ops) -> None:
    printed = ops("schema", "--kind", file)
    assert printed.data == schema(file)
    published = ROOT / "docs" / "schema" / f"ops-{file}.json"
    assert published.read_text() == printed.out, "run `make docs`"


def test_the_reference_of_fields_is_up_to_date() -> None:
    page = ROOT / "docs" / "reference" / "ops-yml.md"
    assert page.read_text() == reference(), "run `make docs`"


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.parent.name)
def test_the_committed_files_of_services_are_right(path: Path) -> None:
    assert mistakes("service", read_document(path, path).data) == []


def test_the_committed_file_of_the_application_is_right() -> None:
    path = ROOT / "copilot" / "ops.yml"
    assert mistakes("application", read_document(path, path).data) == []


@pytest.mark.parametrize("path", [ROOT / "copilot" / "ops.yml", *SERVICES], ids=str)
def test_the_committed_files_name_their_schema(path: Path) -> None:
    first = path.read_text().splitlines()[0]
    named = re.fullmatch(r"# yaml-language-server: \$schema=(\S+)", first)
    assert named is not None
    assert (path.parent / named[1]).is_file()


def test_the_files_of_another_workspace_are_right() -> None:
    for name, text in SHOP.items():
        if name.endswith("/ops.yml"):
            file = "application" if name == "copilot/ops.yml" else "service"
            assert mistakes(file, written(text)) == [], name


def _examples() -> list[Any]:
    """Each block of YAML in the documents that shows an `ops.yml`."""
    found = []
    for page in sorted((ROOT / "docs").glob("*/*.md")):
        for number, block in enumerate(
            re.findall(r"```yaml\n(# copilot/.*?ops\.yml.*?)```", page.read_text(), re.DOTALL)
        ):
            found.append(pytest.param(block, id=f"{page.name}-{number}"))
    return found


@pytest.mark.parametrize("block", _examples())
def test_the_examples_of_the_documents_are_right(block: str) -> None:
    file = "application" if block.startswith("# copilot/ops.yml") else "service"
    assert mistakes(file, written(block)) == []


def test_an_unknown_field_is_a_mistake() -> None:
    assert mistakes("service", {"alarm": {}})
    assert mistakes("service", {"log_metrics": {"metric_filter": {}}})
    assert mistakes("service", {"environments": {"prod": {"alarm": {}}}})


def test_a_duration_is_text() -> None:
    policy = {"target": 100, "scale_in_cooldown": "5m"}
    assert mistakes("service", {"scaling": {"queue_depth": policy}}) == []
    for wrong in (300, "5 minutes", ""):
        changed = {**policy, "scale_in_cooldown": wrong}
        assert mistakes("service", {"scaling": {"queue_depth": changed}}), wrong


def test_a_variable_may_stand_for_any_value() -> None:
    images = {"shop/web": {"keep": "${KEEP}", "scan_on_push": "${SCAN}"}}
    assert mistakes("application", {"images": images}) == []
    assert mistakes("application", {"images": {"shop/web": {"keep": "ten"}}})


def test_an_override_says_only_what_is_different() -> None:
    part = {"scaling": {"queue_depth": {"queue": "jobs"}}}
    assert mistakes("service", part)  # a target is missing
    assert mistakes("service", {"environments": {"prod": part, "staging": None}}) == []
    nothing = {"scaling": {"queue_depth": {"queue": None}, "launch": None}}
    assert mistakes("service", {"environments": {"prod": nothing}}) == []


def test_environments_share_what_belongs_to_the_application() -> None:
    override = {"images": {"shop/web": {"keep": 5}}}
    assert mistakes("application", {"environments": {"prod": override}})
    assert mistakes("application", {"environments": {"prod": {"dashboards": {}}}}) == []


@given(st.integers(min_value=0, max_value=10**7))
def test_a_default_is_shown_as_a_duration_that_means_the_same(amount: int) -> None:
    shown = as_duration(amount)
    assert seconds(shown) == amount
    assert re.match(DURATION, shown)


def test_what_stands_beside_a_field_is_its_description() -> None:
    assert meanings(Queue) == {"dead_letters": "the name of its dead-letter queue"}
    filters = schema("service")["$defs"]["MetricFilter"]["properties"]
    assert filters["unit"]["description"].startswith("CloudWatch's name of the unit")
