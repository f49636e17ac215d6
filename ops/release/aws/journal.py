"""The releases of an environment in Parameter Store: lock, state and history.

A release is the parameter `/ops/<application>/<environment>/releases/<number>`. AWS creates a
parameter only if no other has its name, so one of two simultaneous releases is refused. Tags on
stacks cannot do that, and every resource of a stack would take each new value (decision 0031).
https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html
"""

import contextlib
import os
import platform
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from botocore.exceptions import ClientError

from ops.aws.access import Access
from ops.aws.client import Aws, AwsError, code_of
from ops.base import clock
from ops.base.errors import OpsError
from ops.release.decisions.record import Last, Record, as_text, from_text
from ops.release.decisions.takeover import Signs, is_dead

ACCESS = Access("ssm", reads=("GetParametersByPath",), writes=("PutParameter", "DeleteParameters"))
READING = Access("ssm", reads=("GetParametersByPath",))
_KEPT = 30  # releases
_DIGITS = 8
_BEAT = 15.0  # seconds between two signs of life
_DELETED_AT_ONCE = 10  # the most that DeleteParameters takes


class BusyError(OpsError):
    """Another release has begun in this moment."""


class LostError(OpsError):
    """Another release has taken over this one."""


@dataclass(frozen=True)
class Entry:
    """A record, and how long its owner has been silent, by AWS's own clock."""

    record: Record
    silence: timedelta

    @property
    def signs(self) -> Signs:
        """Return the owner's signs of life."""
        here = self.record.host == platform.node()
        return Signs(self.silence, here, here and _runs(self.record.process))

    @property
    def is_dead(self) -> bool:
        """Return whether the release is open without a living owner."""
        return self.record.is_open and is_dead(self.record, self.signs)


class Journal:
    """The records of one environment."""

    def __init__(self, aws: Aws, application: str, environment: str) -> None:
        self._path = f"/ops/{application}/{environment}/releases"
        self._client: Any = aws.client(ACCESS)
        self._saving = threading.Lock()

    def entries(self) -> list[Entry]:
        """Return the releases, the newest first: one call for each ten."""
        return entries(self._client, self._path)

    def begin(self, record: Record) -> None:
        """Create a record. Raise BusyError if another release took its number, and so the lock."""
        try:
            self._put(record, overwrite=False)
        except ClientError as error:
            if code_of(error) != "ParameterAlreadyExists":
                raise
            [latest, *_] = self.entries()
            raise BusyError(
                f"Another release began in this moment: {latest.record.tag}, by "
                f"{latest.record.by} on {latest.record.host}",
                "`ops release status` shows how far it is.",
            ) from None

    def save(self, record: Record) -> None:
        """Save a record that this process began. Raise LostError if it was taken over."""
        self._require_ours(record)
        with self._saving:
            self._put(record, overwrite=True)

    @contextlib.contextmanager
    def beating(self, current: "Current") -> Iterator[None]:
        """Give a sign of life every 15 seconds inside the block, until another release takes
        over.

        So a laptop that wakes up learns immediately that it lost its release.
        """
        ended = threading.Event()

        def beat() -> None:
            while current.lost is None and not ended.wait(_BEAT):
                with contextlib.suppress(*AwsError), self._saving:
                    if not ended.is_set():
                        self._beat(current)

        thread = threading.Thread(target=beat, name="sign of life", daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()

    def prune(self) -> None:
        """Delete the oldest records."""
        names = [self._name(entry.record.number) for entry in self.entries()[_KEPT:]]
        for start in range(0, len(names), _DELETED_AT_ONCE):
            self._client.delete_parameters(Names=names[start : start + _DELETED_AT_ONCE])

    def _beat(self, current: "Current") -> None:
        try:
            self._require_ours(current.record)
        except LostError as error:
            current.lost = error
        else:
            self._put(current.record, overwrite=True)

    def _require_ours(self, record: Record) -> None:
        """Raise LostError if another release began after this one."""
        latest = self.entries()[0].record
        if latest.number != record.number:
            raise LostError(
                f"Release {record.number} was taken over by {latest.by} on {latest.host}",
                "`ops release status` shows how far it is.",
            )

    def _name(self, number: int) -> str:
        return f"{self._path}/{number:0{_DIGITS}d}"

    def _put(self, record: Record, *, overwrite: bool) -> None:
        self._client.put_parameter(
            Name=self._name(record.number),
            Value=as_text(record),
            Type="String",
            Tier="Intelligent-Tiering",  # above 4 KB: some dozens of workloads
            Overwrite=overwrite,
        )


class Current:
    """The record of the release that this process runs."""

    def __init__(self, record: Record, journal: Journal) -> None:
        self.record = record
        self.lost: LostError | None = None
        self._journal = journal

    def require_ours(self) -> None:
        """Raise LostError if a sign of life showed that another took over."""
        if self.lost is not None:
            raise self.lost

    def set(self, record: Record) -> None:
        """Replace the record, here and in AWS. Raise LostError if it was taken over."""
        self.record = record
        self._journal.save(record)


def read_last(aws: Aws, application: str, environment: str) -> Last | None:
    """Return the last release of an environment, or None."""
    for entry in read_entries(aws, application, environment):
        return Last(entry.record, entry.is_dead)
    return None


def read_entries(aws: Aws, application: str, environment: str) -> list[Entry]:
    """Return the releases of an environment, the newest first, without a right to write."""
    return entries(aws.client(READING), f"/ops/{application}/{environment}/releases")


def entries(client: Any, path: str) -> list[Entry]:  # noqa: ANN401  # botocore makes its classes
    """Return the readable records under a path, the newest first."""
    records = []
    for page in client.get_paginator("get_parameters_by_path").paginate(Path=path):
        now = _time_of(page)
        for parameter in page["Parameters"]:
            # A record of another version of ops must not hide the others.
            with contextlib.suppress(ValueError, KeyError, TypeError):
                record = from_text(parameter["Value"])
                records.append(Entry(record, max(now - parameter["LastModifiedDate"], timedelta())))
    return sorted(records, key=lambda entry: entry.record.number, reverse=True)


def _time_of(answer: Any) -> datetime:  # noqa: ANN401
    """Return the time of AWS's answer: the clocks of two laptops may differ."""
    date = answer["ResponseMetadata"]["HTTPHeaders"].get("date")
    return parsedate_to_datetime(date) if date else clock.now()


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
