"""`ops sync` as a step of a release: what the new version declares, in AWS."""

from ops.aws.client import Aws
from ops.base.errors import OpsError
from ops.base.kinds import KINDS
from ops.copilot.workspace import Workspace
from ops.plan.apply import apply
from ops.plan.survey.declarations import read_declarations
from ops.plan.survey.survey import survey


def sync(workspace: Workspace, environment: str, aws: Aws) -> str:
    """Create and update what is declared; return the problems, or nothing.

    Nothing is deleted: `ops sync --prune` asks first.
    """
    try:
        planned, remotes = survey(read_declarations(workspace, KINDS, environment), aws)
    except OpsError as error:
        return str(error)
    results = apply(planned.plans, remotes)
    conflicts = [
        OpsError(f"{conflict.name} exists and is not owned by ops")
        for plan in planned.plans
        for conflict in plan.conflicts
    ]
    errors = [result.error for result in results if result.error]
    return " ".join(dict.fromkeys(map(str, (*planned.problems, *conflicts, *errors))))
