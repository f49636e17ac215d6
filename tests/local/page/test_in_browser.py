"""The page in a browser: content, keyboard use, narrow screens, dark and light mode."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ops.base.errors import OpsError
from tests.browser import chromium

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser
    from playwright.sync_api import Page as Tab

    from ops.local.page.server import Page
    from tests.local.page.conftest import World

NARROW = 380  # pixels
GROUND = "getComputedStyle(document.body).backgroundColor"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture
def tab(browser: Browser, page: Page, world: World) -> Iterator[Tab]:
    world.history.points += [
        {"time": 1772445600.0 + at, "desired": {"worker": 1}, "running": {"worker": 1},
         "messages": {"shop-test-a-queue-with-a-rather-long-name": at}}
        for at in range(3)
    ]  # fmt: skip
    world.decisions.append(
        {
            "time": "2026-03-02T10:00:01+00:00",
            "kind": "scaling",
            "subject": "service/shop-test/worker",
            "rule": "more",
            "count": 2,
        }
    )
    opened = browser.new_page(viewport={"width": NARROW, "height": 700}, timezone_id="Asia/Kolkata")
    faults: list[str] = []
    opened.on("pageerror", lambda error: faults.append(str(error)))
    opened.goto(page.url)
    opened.wait_for_selector(".card")
    yield opened
    opened.close()
    assert faults == []


def test_a_narrow_screen_shows_everything_dark_and_light(tab: Tab) -> None:
    assert tab.evaluate("document.documentElement.scrollWidth") == NARROW
    assert "shop test" in tab.inner_text("h1")
    assert "30 times as fast" in tab.inner_text("header")
    assert "healthy" in tab.inner_text("#service-list")
    assert "0 ALARM, 1 OK" in tab.inner_text("#alarm-counts")
    tab.wait_for_selector("#curves .main-svg")
    assert tab.locator("#curves .ytitle, #curves .y2title").all_text_contents() == [
        "tasks", "messages",
    ]  # fmt: skip
    assert "worker running" in (tab.text_content("#curves .legend") or "")
    assert tab.locator("#curves .textpoint").count() == 1  # the decision
    first = tab.evaluate("document.getElementById('curves').data[0].x[0]")
    assert first == "2026-03-02T10:00:00"  # UTC, as everywhere on the page
    tab.emulate_media(color_scheme="light")
    light = tab.evaluate(GROUND)
    tab.emulate_media(color_scheme="dark")
    assert (light, tab.evaluate(GROUND)) == ("rgb(246, 247, 249)", "rgb(20, 23, 28)")


def test_it_is_live(tab: Tab, world: World) -> None:
    world.state["alarms"] = [
        {"name": "jobs-old", "state": "ALARM", "reason": "12 > 10", "since": "2026-03-02T10:05:00"}
    ]
    tab.wait_for_selector("#alarms .bad")
    assert "ALARM jobs-old since 10:05:00: 12 > 10" in tab.inner_text("#alarms")


def test_an_error_is_shown_until_the_next_reading(tab: Tab, world: World) -> None:
    world.error = OpsError("ECS does not answer")
    tab.get_by_role("alert").get_by_text("ECS does not answer").wait_for()
    tab.get_by_role("alert").evaluate("node => scrollTo(0, document.body.scrollHeight)")
    assert tab.get_by_role("alert").evaluate("node => node.getBoundingClientRect().top") == 0
    assert "healthy" in tab.inner_text("#service-list")  # what was read before stays
    world.error = None
    tab.get_by_role("alert").get_by_text("ECS does not answer").wait_for(state="detached")


def test_buttons_by_keyboard(tab: Tab, world: World) -> None:
    number = tab.get_by_label("Number of orders")
    number.focus()
    number.fill("7")
    tab.keyboard.press("Enter")
    tab.get_by_text("Sent orders: 3").wait_for()
    tab.get_by_role("button", name="Stop task 01234567").focus()
    tab.keyboard.press("Enter")
    tab.get_by_text("is told to stop").wait_for()
    tab.get_by_role("button", name="Pause redis").focus()
    tab.keyboard.press("Enter")
    tab.get_by_text("No companion `redis` runs.").wait_for()
    task = {"cluster": "shop-test", "task": "0123456789abcdef0123456789abcdef"}
    assert world.asked == [("load", {"number": 7}), ("stop_task", task)]
