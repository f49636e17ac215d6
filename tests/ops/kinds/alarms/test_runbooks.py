"""The steps of runbooks: each can be done, and has the effect that the runbook says."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from ops.kinds.alarms.desired import desired as alarms
from ops.kinds.alarms.presets import PRESETS
from ops.kinds.alarms.settings import Settings
from ops.kinds.alarms.stores import stores
from ops.kinds.events.desired import PRESET as EVENTS
from ops.kinds.events.settings import Settings as Events
from tests.documents import HOW_TO
from tests.ops.kinds.alarms.preset_alarms import HEARTBEAT, place

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).parents[4]
RUNBOOKS = ROOT / "docs" / "runbooks"
FALSE_ALARMS = (RUNBOOKS / "false-alarms.md").read_text()
PAGES = [page for page in sorted(RUNBOOKS.glob("*.md")) if page.stem != "false-alarms"]
DEPLOY = HOW_TO / "deploy-the-last-good-tag.md"
_STORES = {
    "redis": {"cluster": "shop-001"},
    "postgres": {"instance": "shop", "max_connections": 100},
}


@dataclass(frozen=True)
class Row:
    """A line of false-alarms.md: an alarm or event, an example value, and what depends on it."""

    name: str
    value: object
    with_it: tuple[str, ...]

    @property
    def off(self) -> dict[str, object]:
        """Return the `define` that switches the alarm off, as the page says."""
        return dict.fromkeys((self.name, *self.with_it), "off")


def rows() -> list[Row]:
    found = re.findall(
        r"^- \[([a-z-]+)\]\(\1\.md\) `(.+?)`(?:, with (.*))?$", FALSE_ALARMS, re.MULTILINE
    )
    return [
        Row(name, yaml.safe_load(value), tuple(re.findall(r"`([a-z-]+)`", with_it)))
        for name, value, with_it in found
    ]


def presets_with(name: str) -> list[str]:
    """Return the presets that have an alarm; for an alarm of a store, any preset."""
    having = [preset for preset, alarms in PRESETS.items() if name in alarms]
    assert having or any(name in preset for preset in stores().values())
    return having or ["service"]


def made(preset: str, define: Mapping[str, object]) -> dict[str, object]:
    heartbeat = {"heartbeat-missing": HEARTBEAT} if preset == "scheduler" else {}
    merged = {**heartbeat, **define}
    for name in heartbeat.keys() & define.keys():
        change = define[name]
        merged[name] = {**HEARTBEAT, **change} if isinstance(change, dict) else change
    written = {"preset": preset, "define": merged, **_STORES}
    resources = alarms(Settings.model_validate(written), place())
    return {each.name.removeprefix("shop-prod-web-"): each.properties for each in resources}


ALARMS = [row for row in rows() if row.name not in EVENTS]


def test_every_alarm_and_event_has_its_row() -> None:
    of_presets = [*PRESETS.values(), *stores().values()]
    names = {name for preset in of_presets for name in preset} | EVENTS.keys()
    assert sorted(row.name for row in rows()) == sorted(names)


@pytest.mark.parametrize("row", ALARMS, ids=lambda row: row.name)
def test_a_value_of_the_page_changes_the_alarm(row: Row) -> None:
    for preset in presets_with(row.name):
        changed = made(preset, {row.name: row.value})
        assert changed[row.name] != made(preset, {})[row.name]


@pytest.mark.parametrize("row", ALARMS, ids=lambda row: row.name)
def test_what_the_page_switches_off_is_no_longer_wanted(row: Row) -> None:
    for preset in presets_with(row.name):
        assert not row.off.keys() & made(preset, row.off).keys()


@pytest.mark.parametrize("row", [row for row in rows() if row.name in EVENTS], ids=lambda r: r.name)
def test_an_event_of_the_page_can_be_changed_and_switched_off(row: Row) -> None:
    off = Events.model_validate({"preset": "service", "define": row.off})
    assert off.define == {row.name: None}  # None is off
    changed = Events.model_validate({"preset": "service", "define": {row.name: row.value}})
    assert changed.define


def test_what_is_switched_off_is_deleted() -> None:
    """A sync without `--prune` deletes nothing, so the alarm would remain."""
    for kind in ("alarms", "events"):
        for command in ("plan", "sync"):
            assert f"ops {kind} {command} --prune --env prod" in FALSE_ALARMS


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_runbook_leads_to_the_page_about_false_alarms(page: Path) -> None:
    assert "](false-alarms.md)" in page.read_text()
    assert f"({page.name})" in FALSE_ALARMS


@pytest.mark.parametrize("page", sorted(RUNBOOKS.glob("*.md")), ids=lambda page: page.stem)
def test_a_deploy_is_left_to_the_page_that_sets_its_variables(page: Path) -> None:
    """The shell of the person on call has no tag set, or an old one."""
    text = " ".join(page.read_text().split())
    assert "IMAGE_TAG=" not in text
    assert "copilot svc deploy" not in text


def test_the_sections_that_runbooks_link_to_are_there() -> None:
    text = "".join(page.read_text() for page in RUNBOOKS.glob("*.md"))
    sections = re.findall(r"^## (.+)$", DEPLOY.read_text(), re.MULTILINE)
    anchors = {section.lower().replace(" ", "-") for section in sections}
    assert set(re.findall(rf"{DEPLOY.name}#([a-z-]+)", text)) <= anchors
