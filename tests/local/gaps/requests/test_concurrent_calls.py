"""Concurrent calls of one service."""

from __future__ import annotations

import inspect
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, BrokenBarrierError
from typing import TYPE_CHECKING, Any

import pytest
from moto.core.responses import BaseResponse
from moto.iam.models import IAMBackend, ManagedPolicy
from moto.s3.responses import S3Response

from ops.local.locks import lock_of

if TYPE_CHECKING:
    from collections.abc import Callable

_SECONDS = 1.0  # for which a call waits for another inside moto


@pytest.fixture
def meeting(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Record for each `ListRoles` whether moto was handling another one."""
    met: list[bool] = []
    barrier = Barrier(2)

    def list_roles(*_: object, **__: object) -> tuple[list[Any], None]:
        try:
            barrier.wait(_SECONDS)
        except BrokenBarrierError:
            barrier.reset()
            met.append(False)
        else:
            met.append(True)
        return [], None

    monkeypatch.setattr(IAMBackend, "list_roles", list_roles)
    return met


def _call_twice(client: Callable[[str], Any]) -> None:
    iam = client("iam")
    with ThreadPoolExecutor(2) as pool:
        for future in [pool.submit(iam.list_roles) for _ in range(2)]:
            future.result()


def test_moto_still_takes_two_calls_at_once(
    embedded: Callable[[str], Any], meeting: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(BaseResponse, "call_action", inspect.unwrap(BaseResponse.call_action))
    _call_twice(embedded)
    assert meeting == [True, True]


def test_calls_of_a_service_go_one_at_a_time(
    embedded: Callable[[str], Any], meeting: list[bool]
) -> None:
    _call_twice(embedded)
    assert meeting == [False, False]


def test_whoever_changes_a_model_holds_calls_off(
    embedded: Callable[[str], Any], meeting: list[bool]
) -> None:
    with ThreadPoolExecutor(1) as pool, lock_of(ManagedPolicy):
        call = pool.submit(embedded("iam").list_roles)
        with pytest.raises(TimeoutError):
            call.result(_SECONDS)
        assert meeting == []


def test_an_object_is_not_closed_while_another_call_reads_it(
    embedded: Callable[[str], Any], name: str
) -> None:
    s3 = embedded("s3")
    s3.create_bucket(
        Bucket=name, CreateBucketConfiguration={"LocationConstraint": s3.meta.region_name}
    )
    s3.put_object(Bucket=name, Key="template", Body=b"a")
    held = lock_of(S3Response)
    with ThreadPoolExecutor(2) as pool, held:
        calls = [
            pool.submit(s3.get_object, Bucket=name, Key="template"),
            pool.submit(s3.put_object, Bucket=name, Key="template", Body=b"b"),
        ]
        for call in calls:
            with pytest.raises(TimeoutError):
                call.result(_SECONDS / 4)
    assert all(call.result() for call in calls)
