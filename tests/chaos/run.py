"""One run: start everything, make donations during the faults, and judge."""

import asyncio
import os
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
import psycopg

from tests.amply.support.processes import running
from tests.chaos.closing import Closing, command
from tests.chaos.people.desk import Desk
from tests.chaos.people.donors import Donors
from tests.chaos.plan import Fault, Plan
from tests.chaos.stage.hooks import LossyHooks
from tests.chaos.stage.network import FaultySqs, SlowWire
from tests.chaos.stage.orphans import ended_with_us
from tests.chaos.stage.processes import ROOT, STARTED, Fleet
from tests.chaos.stage.servers import PostgreSQL, Redis, running_servers
from tests.chaos.stage.storm import Storm
from tests.chaos.verdict.judge import Facts, gather, judge
from tests.chaos.verdict.report import Report
from tests.ports import free_port

_START_SECONDS = 60.0
_LOOK_EVERY_SECONDS = 0.25
_TELL_EVERY_SECONDS = 30.0
_PUT_ASIDE = 10  # messages, while Stripe is away

_UNFINISHED = """
    SELECT (SELECT count(*) FROM donations WHERE status IN ('pending', 'processing', 'awaiting')
              OR (status = 'succeeded' AND refund_requested_at IS NOT NULL))
         + (SELECT count(*) FROM receipts
              WHERE sent_at IS NULL AND claimed_by IS DISTINCT FROM 'given up')
         + (SELECT count(*) FROM outbox)
"""


def run(plan: Plan, home: Path, tell: Callable[[str], None] = lambda _: None) -> Report:
    """Run a plan; keep the services' logs in `home`, report progress with `tell`.

    Raise NotHere if a program is missing.
    """
    with ended_with_us(home), running_servers() as (database, store):
        return asyncio.run(_Run(plan, home, database, store).whole(tell))


@dataclass(frozen=True)
class _Scene:
    """The processes that were started, and the actors of a run."""

    stripe: str
    wire: SlowWire
    fleet: Fleet
    desk: Desk
    donors: Donors
    storm: Storm
    closing: Closing


class _Run:
    def __init__(self, plan: Plan, home: Path, database: PostgreSQL, store: Redis) -> None:
        self._plan = plan
        self._home = home
        self._database = database
        self._store = store
        self._ports = [free_port() for _ in range(plan.apis)]
        self._sqs = FaultySqs(plan.clock.visibility, plan.dice("sqs"))
        self._hooks = LossyHooks(self._ports, plan.dice("hooks"), plan.lost_webhooks)

    async def whole(self, tell: Callable[[str], None]) -> Report:
        async with AsyncExitStack() as stack:
            scene = await self._scene(stack)
            donors, storm = scene.donors, scene.storm
            began = time.monotonic()
            await stack.enter_async_context(
                _repeating(
                    lambda: tell(f"{donors.told} donors know, {storm.blows.total()} blows"),
                    _TELL_EVERY_SECONDS,
                )
            )
            await self._through_the_storm(scene)
            calm = time.monotonic()
            late = await self._rows_drained()
            await scene.closing.reconcile(scene.desk, donors.ledger)
            late += [*await self._rows_drained(), *await self._messages_drained(scene.fleet)]
            seconds = (calm - began, time.monotonic() - calm)
            facts = await asyncio.to_thread(self._gathered, scene)
        return Report(
            plan=self._plan,
            ledger=donors.ledger,
            facts=facts,
            faults=[*late, *judge(donors.ledger, facts)],
            blows=storm.blows,
            ended_by_themselves=scene.fleet.ended_by_themselves,
            sqs=self._sqs,
            wire=scene.wire,
            hooks=self._hooks,
            seconds=seconds,
        )

    async def _scene(self, stack: AsyncExitStack) -> "_Scene":
        """Start everything."""
        await stack.enter_async_context(_serving(self._sqs))
        await stack.enter_async_context(self._hooks.listening())
        stripe_port = self._start_stripe(stack)
        stripe = f"http://127.0.0.1:{stripe_port}"
        wire = SlowWire(stripe_port, self._plan.dice("wire"))
        await stack.enter_async_context(wire.listening())
        environment = self._environment(wire.port)
        await self._amply(environment, "migrate")
        key = await self._amply(environment, "keys", "create", "chaos", "--scope", "refund")
        fleet = await self._start_services(stack, environment)
        desk = Desk(stripe, self._plan.dice("desk"), self._plan.donations)
        stack.callback(desk.close)
        return _Scene(
            stripe=stripe,
            wire=wire,
            fleet=fleet,
            desk=desk,
            donors=Donors(
                self._plan, self._ports, key, self._home / "mails", lambda: self._sqs.queue.visible
            ),
            storm=Storm(self._plan, fleet, self._database, self._store),
            closing=Closing(environment, self._home, stripe),
        )

    async def _through_the_storm(self, scene: "_Scene") -> None:
        """Return once every donor knows."""
        async with asyncio.TaskGroup() as together:
            giving = together.create_task(scene.donors.give())
            together.create_task(scene.storm.rage(giving))
            together.create_task(scene.desk.work(giving))
            if self._plan.outage:
                together.create_task(self._stripe_away(scene.wire))

    async def _stripe_away(self, wire: SlowWire) -> None:
        """Cut the connection to Stripe until the queue gives up some donations, for the
        recovery.
        """
        with wire.cut():
            await _least(
                lambda: max(0, _PUT_ASIDE - len(self._sqs.dead.bodies)), self._plan.clock.patience
            )

    def _gathered(self, scene: "_Scene") -> Facts:
        mails, dead = self._home / "mails", self._sqs.dead.bodies
        return gather(self._database.url, scene.stripe, mails, dead, scene.closing.books())

    async def _amply(self, environment: dict[str, str], *arguments: str) -> str:
        """Return the last line that an operator's command prints."""
        process = await command(environment, self._home, *arguments)
        said, _ = await process.communicate()
        assert process.returncode == 0, said.decode()
        return said.decode().rstrip().rpartition("\n")[2]

    def _start_stripe(self, stack: AsyncExitStack) -> int:
        module = ["python", "-m", "amply.embedded.stripe"]
        options = ["--port", "0", "--webhook-url", self._hooks.url]
        secret = {"STRIPE_WEBHOOK_SECRET": "whsec_chaos"}
        stripe = stack.enter_context(running([*module, *options], secret, self._home))
        line = stripe.wait_for(lambda line: "listening on" in line)
        return int(line.rpartition(":")[2])

    async def _start_services(self, stack: AsyncExitStack, environment: dict[str, str]) -> Fleet:
        fleet = Fleet(environment, self._ports, self._plan.workers, self._plan.beats, self._home)
        stack.callback(fleet.kill_all)
        restarting = _repeating(fleet.restart_the_ended, _LOOK_EVERY_SECONDS)
        await stack.enter_async_context(restarting)
        async with httpx.AsyncClient() as http:
            await asyncio.gather(*(_answers(http, port) for port in self._ports))
        return fleet

    def _environment(self, stripe_port: int) -> dict[str, str]:
        clock = self._plan.clock
        return {
            **self._sqs.environment,
            "ENVIRONMENT": "production",
            "AMPLY_EMBEDDED": "1",
            "DATABASE_URL": self._database.url,
            "REDIS_URL": self._store.url,
            "STRIPE_SECRET_KEY": "sk_test_chaos",
            "STRIPE_WEBHOOK_SECRET": "whsec_chaos",
            "STRIPE_API_BASE": f"http://127.0.0.1:{stripe_port}",
            "MAIL_FROM": "donations@amply.example",
            "MAIL_DIRECTORY": str(self._home / "mails"),
            "PYTHONPATH": os.pathsep.join(map(str, (STARTED, ROOT / "src", ROOT))),
            "PYTHONUNBUFFERED": "1",
            "CLAIM_SECONDS": str(clock.claim),
            "STUCK_AFTER_SECONDS": str(clock.stuck_after),
            "CHAOS_HASTY": "1" if clock.hasty else "",
            "CHAOS_WITHOUT": ",".join(self._plan.without),
        }

    async def _rows_drained(self) -> list[Fault]:
        """Wait until nothing is left to be done."""
        left = await _least(self._unfinished, self._plan.clock.patience)
        return [Fault("Not drained", f"{left} rows are unfinished")] if left else []

    async def _messages_drained(self, fleet: Fleet) -> list[Fault]:
        """Wait until no message is left to be delivered."""
        queue, patience = self._sqs.queue, self._plan.clock.patience
        await asyncio.to_thread(fleet.dismiss, "beat")  # their ticks never end
        left = await _least(lambda: queue.visible + queue.in_flight, patience)
        return [Fault("Not drained", f"{left} messages in the queue")] if left else []

    def _unfinished(self) -> int:
        with psycopg.connect(self._database.url) as connection:
            found = connection.execute(_UNFINISHED).fetchone()
        assert found is not None
        return int(found[0])


async def _least(count: Callable[[], int], patience: float) -> int:
    """Wait until a number is 0 or stays the same for so many seconds; return it."""
    least, since = count(), time.monotonic()
    while least and time.monotonic() - since < patience:
        await asyncio.sleep(_LOOK_EVERY_SECONDS)
        if (found := count()) < least:
            least, since = found, time.monotonic()
    return least


async def _answers(http: httpx.AsyncClient, port: int) -> None:
    async with asyncio.timeout(_START_SECONDS):
        while True:
            with suppress(httpx.TransportError):
                await http.get(f"http://127.0.0.1:{port}/health/live")
                return
            await asyncio.sleep(_LOOK_EVERY_SECONDS)


@asynccontextmanager
async def _serving(sqs: FaultySqs) -> AsyncIterator[None]:
    """Serve SQS in this event loop, so that the queue can be read between two calls."""
    started, ended = threading.Event(), asyncio.Event()
    serving = asyncio.create_task(sqs.serve(started, ended))
    await asyncio.to_thread(started.wait)
    try:
        yield
    finally:
        ended.set()
        await serving


@asynccontextmanager
async def _repeating(act: Callable[[], None], every_seconds: float) -> AsyncIterator[None]:
    async def repeat() -> None:
        while True:
            act()
            await asyncio.sleep(every_seconds)

    repeating = asyncio.create_task(repeat())
    try:
        yield
    finally:
        repeating.cancel()
        with suppress(asyncio.CancelledError):
            await repeating
