"""How much a sync may take away before it wants to hear the number. No AWS here."""

from collections.abc import Sequence

from ops.base.errors import OpsError
from ops.plan.model import Delete, Plan

_MOST = 10
_FEW = 3  # so many may be all there is


def check_deletions(plans: Sequence[Plan], allowed: int | None) -> None:
    """Raise OpsError when more of `ops`' own resources would go than a slip should cost.

    Without `allowed` that is more than ten, or more than three that are over half of what there
    is. A wrong directory, branch or variable then costs nothing but this message.
    """
    deletions = [change for plan in plans for change in plan.changes if isinstance(change, Delete)]
    owned = sum(len(plan.owned) for plan in plans)
    count = len(deletions)
    if allowed is not None:
        too_many = count > allowed
    else:
        too_many = count > _MOST or (count > _FEW and count * 2 > owned)
    if too_many:
        raise OpsError(
            f"Nothing was changed: {count} of the {owned} resources that ops has here would be "
            "deleted",
            f"If that is meant, say so: --allow-deletes {count}.",
        )
