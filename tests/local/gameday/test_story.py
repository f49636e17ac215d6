"""Stories, read from their files."""

from __future__ import annotations

from pathlib import Path

import pytest

from ops.base.errors import OpsError
from ops.local.gameday.story import Step, load_story, meets, stories

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("name", stories(ROOT))
def test_every_story_of_the_workspace_is_one(name: str) -> None:
    story = load_story(ROOT, name)
    assert story.steps
    assert story.expect.alarms.keys().isdisjoint(story.expect.may_alarm)


def write(root: Path, text: str) -> None:
    folder = root / "copilot" / "gameday"
    folder.mkdir(parents=True)
    (folder / "mine.yml").write_text(text)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("title: [", "is not YAML"),
        ("{title: T, environment: prod, steps: [{wait: 1m, run: [ls]}]}", "exactly one"),
        ("{title: T, environment: prod, steps: [{}]}", "exactly one"),
        ("{title: T, environment: prod, steps: [{wat: 1m}]}", "steps.0.wat"),
        ("{title: T, environment: prod, steps: [{wait: soon}]}", "must be a duration"),
        ("{title: T, environment: prod, speed: 90, steps: []}", "`speed`"),
        (
            "{title: T, environment: prod, steps: [{deploy: {service: a, cpu: 300}}]}",
            "steps.0.deploy.cpu",
        ),
        (
            "{title: T, environment: prod, steps: [{until: {within: 1m, desired: {a: many}}}]}",
            "must be a number or a comparison",
        ),
    ],
)
def test_a_mistake_is_told_with_its_place(tmp_path: Path, text: str, told: str) -> None:
    write(tmp_path, text)
    with pytest.raises(OpsError) as error:
        load_story(tmp_path, "mine")
    assert "copilot/gameday/mine.yml" in str(error.value)
    assert told in str(error.value)


def test_an_unknown_story_is_told_with_those_there_are(tmp_path: Path) -> None:
    write(tmp_path, "title: T")
    with pytest.raises(OpsError, match="There are: mine"):
        load_story(tmp_path, "yours")


@pytest.mark.parametrize(
    ("condition", "yes", "no"),
    [("2", 2, 3), ("> 2", 3, 2), (">=2", 2, 1), ("<2", 1, 2), ("<= 2", 2, 3), ("== 2", 2, 1)],
)
def test_conditions(condition: str, yes: int, no: int) -> None:
    assert meets(condition, yes)
    assert not meets(condition, no)


def test_a_step_knows_its_action() -> None:
    assert Step.model_validate({"name": "x", "wait": "10m"}).given() == ["wait"]
    assert Step.model_validate({"desired": {}}).given() == ["desired"]
