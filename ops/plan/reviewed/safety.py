"""The limit of deletions without confirmation of their number. No AWS here."""

from collections.abc import Sequence

from ops.base.errors import OpsError
from ops.plan.model import Delete, Plan

_MOST = 10
_FEW = 3  # so many may be all there is


def check_deletions(plans: Sequence[Plan], allowed: int | None) -> None:
    """Raise OpsError if a plan deletes more of `ops`' own resources than a mistake should cost.

    Without `allowed`, the limit is ten, or three if they are over half of what exists. A wrong
    directory, branch or variable then has no effect but this message.
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
            f"Nothing was changed: {count} of the {owned} resources that ops manages here would "
            "be deleted",
            f"If that is intended, pass --allow-deletes {count}.",
        )
