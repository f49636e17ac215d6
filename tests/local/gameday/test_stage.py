"""The words of a story for what ECS says of a deployment."""

from __future__ import annotations

from botocore.session import get_session

from ops.local.gameday.stage import ENDS

UNDER_WAY = {
    "PENDING",
    "IN_PROGRESS",
    "STOP_REQUESTED",
    "ROLLBACK_REQUESTED",
    "ROLLBACK_IN_PROGRESS",
}


def test_every_status_of_ecs_is_an_end_or_under_way() -> None:
    shape = get_session().get_service_model("ecs").shape_for("ServiceDeploymentStatus")
    assert set(shape.enum) == ENDS.keys() | UNDER_WAY  # type: ignore[attr-defined]
    assert set(ENDS.values()) == {"COMPLETED", "FAILED", "ROLLED_BACK"}
