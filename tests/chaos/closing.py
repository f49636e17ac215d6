"""The end of a run: stray charges are made, and the books are reconciled with Stripe."""

import asyncio
import os
import re
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import psycopg

from tests.amply.support.processes import BIN
from tests.chaos.people.desk import Desk
from tests.chaos.people.donors import Ledger
from tests.chaos.verdict.books import Books, gather_books

_SINCE = "2020-01-01"  # all of it
_TRIES = 20  # Stripe's answers are lost at times; each goes on where the last one ended
_SUMMARY = re.compile(r"(\d+) objects, (\d+) repaired, (\d+) differ")
_BEGUN = "SELECT count(*) FROM reconciliations WHERE objects > 0"
_SOMETHING_DIFFERS = 2  # the exit code


async def command(
    environment: Mapping[str, str], home: Path, *arguments: str
) -> asyncio.subprocess.Process:
    """Start an operator's command."""
    return await asyncio.create_subprocess_exec(
        *(str(BIN / "python"), "-m", "amply", *arguments),
        env={"PATH": os.environ["PATH"], **environment},
        cwd=home,
        stdout=asyncio.subprocess.PIPE,
    )


class Closing:
    """Closes the books of one run."""

    def __init__(self, environment: Mapping[str, str], home: Path, stripe: str) -> None:
        self._environment = environment
        self._home = home
        self._stripe = stripe
        self._strays: list[str] = []
        self._repairs: list[int] = []

    async def reconcile(self, desk: Desk, ledger: Ledger) -> None:
        """Make five charges for nobody, then reconcile until nothing is left to repair."""
        paid = [one for key, one in ledger.accepted.items() if key not in ledger.declined]
        declined = [one for key, one in ledger.accepted.items() if key in ledger.declined]
        abouts = [None, "don_of_nobody", *declined[:1], *paid]
        self._strays = await asyncio.to_thread(desk.finish, abouts[:5])
        await self._kill_one()
        self._repairs = [await self._reconcile(), await self._reconcile()]

    def books(self) -> Books:
        """Return what either side has written down."""
        url = self._environment["DATABASE_URL"]
        return gather_books(url, self._stripe, self._strays, self._repairs)

    async def _kill_one(self) -> None:
        """Kill a reconciliation on its way, unless it is faster: the next one goes on."""
        process = await command(self._environment, self._home, "reconcile", "--since", _SINCE)
        await asyncio.to_thread(self._until_begun, process)
        with suppress(ProcessLookupError):
            process.kill()
        await process.communicate()

    def _until_begun(self, process: asyncio.subprocess.Process) -> None:
        with psycopg.connect(self._environment["DATABASE_URL"], autocommit=True) as connection:
            while process.returncode is None and connection.execute(_BEGUN).fetchone() == (0,):
                time.sleep(0.02)

    async def _reconcile(self) -> int:
        """Return how much was repaired. Raise AssertionError if no try comes to its end."""
        for _ in range(_TRIES):
            process = await command(self._environment, self._home, "reconcile", "--since", _SINCE)
            output, _ = await process.communicate()
            if process.returncode == _SOMETHING_DIFFERS:
                summary = _SUMMARY.search(output.decode())
                assert summary is not None
                return int(summary[2])
        raise AssertionError(f"reconcile: exit code {process.returncode}")
