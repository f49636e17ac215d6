"""What a runbook says of a false alarm ends it: nothing that was switched off goes on notifying."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ops.alarms.desired import desired as alarms
from ops.alarms.presets import PRESETS
from ops.alarms.settings import Settings
from ops.alarms.stores import stores
from ops.events.desired import PRESET as EVENTS
from ops.events.settings import Settings as Events
from tests.ops.preset_alarms import HEARTBEAT, place

RUNBOOKS = Path(__file__).parents[2] / "docs" / "runbooks"
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
