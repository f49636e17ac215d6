"""Carrying out plans: writes side by side, each with its own result."""

from collections.abc import Mapping, Sequence
from typing import assert_never

from ops.aws import AwsError, explain, side_by_side
from ops.errors import OpsError
from ops.plan import Create, Delete, Plan, Update, Write
from ops.remote import Remote
from ops.report import Result


def apply(plans: Sequence[Plan], remotes: Mapping[str, Remote]) -> list[Result]:
    """Carry out every write of the plans. A failure hides and stops no other."""
    todo = [(plan.kind, change) for plan in plans for change in plan.writes]

    def carry_out(item: tuple[str, Write]) -> Result:
        kind, change = item
        try:
            _write(change, remotes[kind])
        except (OpsError, *AwsError) as error:
            return Result(kind, change, explain(error))
        return Result(kind, change, None)

    return side_by_side(carry_out, todo)


def _write(change: Write, remote: Remote) -> None:
    match change:
        case Create():
            remote.create(change)
        case Update():
            remote.update(change)
        case Delete():
            remote.delete(change)
        case _:
            assert_never(change)
