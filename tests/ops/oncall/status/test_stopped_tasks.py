"""Tasks that stopped unexpectedly, as ECS describes them."""

from ops.base.errors import OpsError
from ops.oncall.status.answers import stopped_of
from tests.ops.oncall.status.moments import ago, said, state


def test_tasks_that_stopped_by_themselves() -> None:
    spot = {"stopCode": "SpotInterruption", "stoppedReason": "Your Spot Task was interrupted."}
    memory = {
        "stopCode": "EssentialContainerExited",
        "stoppedReason": "Essential container in task exited",
        "stoppedAt": ago(minutes=7),
        "containers": [
            {"name": "worker", "exitCode": 137, "reason": "OutOfMemoryError"},
            {"name": "sidecar", "exitCode": 0},
        ],
    }
    ill = {
        "stopCode": "ServiceSchedulerInitiated",
        "stoppedReason": "Task failed container health checks",
        "containers": [{"name": "worker", "exitCode": 1}],
    }
    fewer = {
        "stopCode": "ServiceSchedulerInitiated",
        "stoppedReason": "Scaling activity initiated by (deployment ecs-svc/1)",
        "containers": [{"name": "worker", "exitCode": 0}],
    }
    found = [stopped_of(each) for each in (spot, memory, spot, ill, fewer)]
    text = said(state(stopped=tuple(each for each in found if each)))
    assert "2 tasks stopped within the last hour: Your Spot Task was interrupted." in text
    assert (
        "1 task stopped within the last hour, the last 7 min ago: Essential container in task "
        "exited (worker exited with 137: OutOfMemoryError)." in text
    )
    assert "Task failed container health checks (worker exited with 1)." in text
    assert "Scaling activity" not in text
    no = OpsError("AWS does not allow ListTasks")
    assert "Unknown: which tasks stopped. AWS does not allow ListTasks." in said(state(stopped=no))
