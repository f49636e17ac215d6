"""Applying plans: concurrent writes, each with its own result.

Writes that share a parent run one after the other, because AWS otherwise refuses some of them.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby
from queue import SimpleQueue
from typing import TypeAlias, assert_never

from ops.aws.client import SIDE_BY_SIDE, AwsError, explain
from ops.base.errors import OpsError
from ops.plan.model import Create, Delete, Plan, Update, Write
from ops.plan.remote import Remote, Serial
from ops.plan.report import Result

_Todo: TypeAlias = tuple[str, Write]
_INTERRUPTED = OpsError("Skipped: interrupted", "Run the same command again to continue.")


def apply(
    plans: Sequence[Plan],
    remotes: Mapping[str, Remote],
    tell: Callable[[Result], None] = lambda _: None,
    is_stopped: Callable[[], bool] = lambda: False,
) -> list[Result]:
    """Apply every write of the plans, and pass each result to `tell` as it comes.

    Creations and updates run stage by stage, then deletions in reverse stages. A failure neither
    hides nor stops other writes. After `is_stopped`, running writes finish and no other starts; the
    results report this.
    """
    todo = sorted(((p.kind, change) for p in plans for change in p.writes), key=_turn)
    results: list[Result] = []
    for _, turn in groupby(todo, key=_turn):
        results += _carry_out(list(turn), remotes, tell, is_stopped)
    return results


def _turn(item: _Todo) -> tuple[int, int]:
    _, change = item
    if isinstance(change, Delete):
        return 1, -change.live.stage
    return 0, change.wanted.stage


def _carry_out(
    todo: Sequence[_Todo],
    remotes: Mapping[str, Remote],
    tell: Callable[[Result], None],
    is_stopped: Callable[[], bool],
) -> list[Result]:
    """Return the results in order. Each write stores its own in `done`, whatever happens."""
    done = SimpleQueue[tuple[int, OpsError | None]]()

    def one_by_one(lane: Sequence[int]) -> None:
        for at in lane:
            done.put((at, _tried(todo[at], remotes, is_stopped)))

    results = dict[int, Result]()
    with ThreadPoolExecutor(max_workers=SIDE_BY_SIDE) as pool:
        # The longest first: begun last, it would go on alone.
        for lane in sorted(_lanes(todo, remotes), key=len, reverse=True):
            pool.submit(one_by_one, lane)
        for _ in todo:
            at, error = done.get()
            results[at] = Result(*todo[at], error)
            tell(results[at])
    return [results[at] for at in range(len(todo))]


def _lanes(todo: Sequence[_Todo], remotes: Mapping[str, Remote]) -> Collection[Sequence[int]]:
    """Group the indices of writes by shared parent, across kinds; any other write is alone."""
    lanes: dict[str | int, list[int]] = {}
    for at, (kind, change) in enumerate(todo):
        remote = remotes[kind]
        parent = remote.parent(change.name) if isinstance(remote, Serial) else None
        lanes.setdefault(at if parent is None else parent, []).append(at)
    return lanes.values()


def _tried(
    item: _Todo, remotes: Mapping[str, Remote], is_stopped: Callable[[], bool]
) -> OpsError | None:
    """Carry out one write, and return its error as a value so that the others continue."""
    kind, change = item
    try:
        return _INTERRUPTED if is_stopped() else _write(change, remotes[kind])
    except BaseException as error:  # noqa: BLE001  # a bug in one kind must not hide what the others did
        return _bug(error)


def _write(change: Write, remote: Remote) -> OpsError | None:
    try:
        match change:
            case Create():
                remote.create(change)
            case Update():
                remote.update(change)
            case Delete():
                remote.delete(change)
            case _:
                assert_never(change)
    except (OpsError, *AwsError) as error:
        return explain(error)
    return None


def _bug(error: BaseException) -> OpsError:
    return OpsError(f"This is a bug in ops ({type(error).__name__}: {error})", "Report it.")
