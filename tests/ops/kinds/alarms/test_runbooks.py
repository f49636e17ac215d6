"""What runbooks tell people to do can be done, and does what they say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ops.kinds.alarms.desired import desired as alarms
from ops.kinds.alarms.presets import PRESETS
from ops.kinds.alarms.settings import Settings
from ops.kinds.alarms.stores import stores
from ops.kinds.events.desired import PRESET as EVENTS
from ops.kinds.events.settings import Settings as Events
from tests.documents import HOW_TO
from tests.ops.kinds.alarms.preset_alarms import HEARTBEAT, place

ROOT = Path(__file__).parents[4]
RUNBOOKS = ROOT / "docs" / "runbooks"
DEPLOY = HOW_TO / "deploy-the-last-good-tag.md"
_STORES = {
    "redis": {"cluster": "shop-001"},
    "postgres": {"instance": "shop", "max_connections": 100},
}


def false_alarm(page: Path) -> str:
    """The last paragraph of a runbook, in one line."""
    return " ".join(page.read_text().partition("**A false alarm?**")[2].split())


def switched_off(page: Path) -> list[str]:
    """What the page says to switch off: `at-max: off`, also behind `events.define.`."""
    return re.findall(r"`(?:events\.define\.)?([a-z-]+): off`", false_alarm(page))


PAGES = [page for page in sorted(RUNBOOKS.glob("*.md")) if switched_off(page)]


def test_most_pages_say_what_to_switch_off() -> None:
    assert len(PAGES) > 25


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_what_a_page_switches_off_is_no_longer_wanted(page: Path) -> None:
    off: dict[str, object] = dict.fromkeys(switched_off(page), "off")
    assert page.stem in off
    if page.stem in EVENTS:
        read = Events.model_validate({"preset": "service", "define": off})
        assert read.define == dict.fromkeys(off)  # None is off
        return
    having = [name for name, preset in PRESETS.items() if page.stem in preset]
    kept = [name for name, preset in stores().items() if page.stem in preset]
    assert having or kept
    for preset in having or ["service"]:
        heartbeat = {"heartbeat-missing": HEARTBEAT} if preset == "scheduler" else {}
        written = {"preset": preset, "define": {**heartbeat, **off}, **_STORES}
        wanted = alarms(Settings.model_validate(written), place())
        assert not {f"shop-prod-web-{name}" for name in off} & {each.name for each in wanted}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_what_is_switched_off_is_deleted(page: Path) -> None:
    """A sync without `--prune` deletes nothing, and the alarm would go on."""
    kind = "events" if page.stem in EVENTS else "alarms"
    for command in ("plan", "sync"):
        assert f"`ops {kind} {command} --prune --env prod`" in false_alarm(page)


@pytest.mark.parametrize("page", sorted(RUNBOOKS.glob("*.md")), ids=lambda page: page.stem)
def test_a_deploy_is_left_to_the_page_that_sets_its_variables(page: Path) -> None:
    """In the shell of whoever is woken nothing is set, or another day's tag."""
    text = " ".join(page.read_text().split())
    assert "IMAGE_TAG=" not in text
    assert "copilot svc deploy" not in text
    for linked in re.finditer(r"deploy the last good tag(.{8})", text):
        assert linked[1] == "](../how"


def test_that_page_sets_what_the_manifests_fill_in() -> None:
    manifests = [path.read_text() for path in ROOT.glob("copilot/*/manifest.yml")]
    filled_in = {name for text in manifests for name in re.findall(r"\$\{([A-Z_]+)\}", text)}
    exported = set(re.findall(r"export ([A-Z_]+)=", DEPLOY.read_text()))
    assert exported == {name for name in filled_in if not name.startswith("COPILOT_")}


def test_the_sections_that_runbooks_link_to_are_there() -> None:
    text = "".join(page.read_text() for page in RUNBOOKS.glob("*.md"))
    sections = re.findall(r"^## (.+)$", DEPLOY.read_text(), re.MULTILINE)
    anchors = {section.lower().replace(" ", "-") for section in sections}
    assert set(re.findall(rf"{DEPLOY.name}#([a-z-]+)", text)) <= anchors
