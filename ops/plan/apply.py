"""Carrying out plans: writes side by side, each with its own result.

Those that share a parent go one after the other, because AWS refuses some of them otherwise.
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
_INTERRUPTED = OpsError("Not tried: interrupted", "Run the same command again; it goes on here.")


def apply(
    plans: Sequence[Plan],
    remotes: Mapping[str, Remote],
    tell: Callable[[Result], None] = lambda _: None,
    is_stopped: Callable[[], bool] = lambda: False,
) -> list[Result]:
    """Carry out every write of the plans, and `tell` each result as it comes.

    Creations and updates go stage by stage, then deletions, stages backwards. A failure hides
    and stops no other. Once `is_stopped`, what is under way ends and nothing else is tried; the
    results say so.
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
    """The results in order. Each write puts its own into `done`, whatever goes wrong."""
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
    """The indices of writes that share a parent, of whichever kinds; any other by itself."""
    lanes: dict[str | int, list[int]] = {}
    for at, (kind, change) in enumerate(todo):
        remote = remotes[kind]
        parent = remote.parent(change.name) if isinstance(remote, Serial) else None
        lanes.setdefault(at if parent is None else parent, []).append(at)
    return lanes.values()


def _tried(
    item: _Todo, remotes: Mapping[str, Remote], is_stopped: Callable[[], bool]
) -> OpsError | None:
    """Carry out one write; what went wrong is a value, so that the others go on."""
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
