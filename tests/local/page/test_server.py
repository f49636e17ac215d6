"""The page's server: files, events, and operations that other sites cannot request."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from ops.base.errors import OpsError
from ops.local.page.server import HEADER, Page

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.local.page.conftest import World


def events(url: str) -> Iterator[tuple[str, dict[str, Any]]]:
    with httpx.stream("GET", f"{url}/events", trust_env=False) as answer:
        name = ""
        for line in answer.iter_lines():
            if line.startswith("event: "):
                name = line.removeprefix("event: ")
            elif line.startswith("data: "):
                yield name, json.loads(line.removeprefix("data: "))


def test_the_files_are_served(page: Page) -> None:
    for path, type_ in (
        ("/", "text/html"),
        ("/static/page.js", "javascript"),
        ("/static/page.css", "text/css"),
        ("/plotly.js", "javascript"),
    ):
        answer = httpx.get(page.url + path, trust_env=False)
        assert answer.status_code == 200
        assert type_ in answer.headers["Content-Type"]


def test_everything_is_sent_and_then_what_is_new(page: Page, world: World) -> None:
    world.history.points.append({"time": 1.0})
    stream = events(page.url)
    assert next(stream)[1]["application"] == "shop"
    name, state = next(stream)
    assert (name, state["points"]) == ("state", [{"time": 1.0}])
    assert state["services"][0]["name"] == "worker"
    world.history.points.append({"time": 2.0})
    assert next(stream)[1]["points"] == [{"time": 2.0}]


def test_an_error_of_a_reading_is_a_message_and_the_stream_goes_on(
    page: Page, world: World
) -> None:
    world.error = OpsError("ECS does not answer")
    stream = events(page.url)
    next(stream)
    assert next(stream) == ("fault", {"error": "OpsError: ECS does not answer."})
    world.history.points.append({"time": 1.0})
    world.error = None
    name, state = next(stream)
    assert (name, state["points"]) == ("state", [{"time": 1.0}])


def test_an_operation_is_carried_out(page: Page, world: World) -> None:
    answer = httpx.post(
        f"{page.url}/operations/load", headers={HEADER: "1"}, json={"number": 3}, trust_env=False
    )
    assert answer.json() == {"result": {"201": 3}}
    assert world.asked == [("load", {"number": 3})]


def test_the_error_of_an_operation_is_its_answer(page: Page) -> None:
    answer = httpx.post(
        f"{page.url}/operations/pause", headers={HEADER: "1"}, json={}, trust_env=False
    )
    assert (answer.status_code, answer.json()["error"]) == (400, "No companion `redis` runs.")


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("load", {}, 404),  # as a form of another site sends it
        ("nothing", {HEADER: "1"}, 404),
        ("load", {HEADER: "1", "Host": "rebound.example:80"}, 403),
    ],
)
def test_another_site_operates_nothing(
    page: Page, world: World, path: str, headers: dict[str, str], status: int
) -> None:
    answer = httpx.post(f"{page.url}/operations/{path}", headers=headers, json={}, trust_env=False)
    assert answer.status_code == status
    assert world.asked == []


def test_a_port_in_use_is_not_taken(page: Page, world: World) -> None:
    port = int(page.url.rpartition(":")[2])
    other = Page({}, world.history, dict, list, {})  # type: ignore[arg-type]
    other.start(port)
    assert other.url != page.url
    assert httpx.get(other.url, trust_env=False).status_code == 200
    other.stop()


def test_it_ends_while_somebody_looks(page: Page) -> None:
    stream = events(page.url)
    next(stream)
    next(stream)
    page.stop()
    with pytest.raises((StopIteration, httpx.RemoteProtocolError)):
        next(stream)
