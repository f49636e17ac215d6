"""A story, played from its first step to its verdict on a running embedded AWS."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ops.base.errors import OpsError
from ops.local.gameday import load as loads
from ops.local.gameday.actions import Actions
from ops.local.gameday.stage import Stage
from ops.local.gameday.verdict import judge

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ops.copilot.workspace import Workspace
    from ops.local.gameday.evidence import Evidence
    from ops.local.gameday.story import Story
    from ops.local.gameday.verdict import Check
    from ops.local.run.state import State

_PATIENCE = 60.0
"""Real seconds within which all that was made must be as it should be, after the last step."""


def play(
    workspace: Workspace, running: State, story: Story, tell: Callable[[str], None]
) -> tuple[Evidence, Sequence[Check]]:
    """Play a story; return the observations and the verdict.

    Raise OpsError if another environment runs.
    """
    if running.variables["OPS_ENV"] != story.environment:
        raise OpsError(
            f"The story is for `{story.environment}`; `{running.variables['OPS_ENV']}` is running",
            "Stop it with `ops local down`; the story starts its own.",
        )
    stage = Stage(workspace, running, story)
    former = stage.operate("speed", speed=story.speed)
    actions = Actions(stage)
    try:
        for step in story.steps:
            tell(step.name or ", ".join(step.given()))
            actions.play(step)
        _finish(stage, actions, story)
    except OpsError as error:
        stage.evidence.fault = str(error)
        stage.note(f"the story ends: {error}")
    finally:
        actions.close()
        evidence = stage.close()
        stage.operate("speed", speed=former)
    return evidence, judge(story, evidence)


def _finish(stage: Stage, actions: Actions, story: Story) -> None:
    """Check the expectations about the end."""
    if condition := story.expect.each:
        stage.evidence.unsettled = loads.unsettled(stage.url, condition, actions.made, _PATIENCE)
    for what, command in story.expect.commands.items():
        stage.evidence.commands[what] = actions.run_command(command)
