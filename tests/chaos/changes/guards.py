"""The guards against lost and repeated donations, and how to take out each one.

A run without a guard shows that the chaos run would notice its absence. A guard is taken out by
replacing one function in a service that is about to start; the services contain no code for it.
"""

# ruff: noqa: ANN401, PLC0415 - what is put in a place takes what comes; and nothing is loaded
# that this process would not load by itself.

from collections.abc import Callable
from typing import Any

_GUARDS: dict[str, Callable[[], None]] = {}


def guard(take_out: Callable[[], None]) -> Callable[[], None]:
    """Register the function that takes out a guard, under its name."""
    _GUARDS[take_out.__name__.replace("_", "-")] = take_out
    return take_out


def names() -> dict[str, str]:
    """Return every guard with its description."""
    return {name: (take_out.__doc__ or "").partition("\n")[0] for name, take_out in _GUARDS.items()}


def take_out(name: str) -> None:
    """Take out a guard in this process.

    Raise KeyError for an unknown guard, and AttributeError if its function no longer exists.
    """
    _GUARDS[name]()


def _replace(owner: Any, name: str, function: Any) -> Any:
    original = getattr(owner, name)
    setattr(owner, name, function)
    return original


@guard
def idempotency_key() -> None:
    """The API keeps the donor's Idempotency-Key, unique in the database."""
    from amply.donations import intake

    async def take(engine: Any, donation: Any) -> Any:
        donation.idempotency_key = None
        return await original(engine, donation)

    original = _replace(intake, "take", take)


@guard
def payment_id() -> None:
    """A donation has one payment, whose id it stores before it confirms it."""
    import stripe

    from amply.donations import repository
    from amply.payments.stripe_gateway import StripeGateway

    def create(service: Any, params: Any = None, options: Any = None) -> Any:
        assert options["idempotency_key"]
        return original(service, params, None)

    original = _replace(stripe.PaymentIntentService, "create", create)
    _replace(repository, "store_payment", lambda *_: True)
    _replace(StripeGateway, "find", lambda *_: None)


@guard
def claim() -> None:
    """A donation is charged in one attempt at a time, and only before its end."""
    from amply.donations.models import Donation

    _claim_always(Donation)


@guard
def outbox() -> None:
    """The message to charge is written in the transaction that keeps the donation."""
    from sqlalchemy import delete

    from amply.donations import intake
    from amply.outbox.models import OutboxMessage

    async def take(engine: Any, donation: Any) -> Any:
        taken = await original(engine, donation)
        if taken.message is not None:
            async with engine.begin() as connection:
                of_it = OutboxMessage.id == taken.message.id
                await connection.execute(delete(OutboxMessage).where(of_it))
        return taken

    original = _replace(intake, "take", take)


@guard
def sweep() -> None:
    """A task of beat's sends what the API could not send."""
    from amply.outbox import tasks

    _replace(tasks, "sweep", lambda *_: None)


@guard
def recovery() -> None:
    """A task of beat's continues donations and receipts that are stuck."""
    from amply.donations import recovery as donations
    from amply.receipts import tasks as receipts

    _replace(donations, "recover_donations", lambda *_: None)
    _replace(receipts, "recover_receipts", lambda *_: None)


@guard
def look() -> None:
    """A task of beat's checks whether donors on a page have paid, without an event."""
    from amply.donations import pages

    _replace(pages, "look_at_pages", lambda *_: None)


@guard
def cancellation() -> None:
    """A payment that the bank asks about is canceled before the donor gets a page."""
    from amply.payments.stripe_gateway import StripeGateway

    _replace(StripeGateway, "cancel", lambda *_: True)


@guard
def receipt_claim() -> None:
    """A receipt is sent by one attempt at a time, and never again."""
    from amply.donations.receipt import Receipt

    _claim_always(Receipt)


def _claim_always(table: Any) -> None:
    """Let a job claim any row of this table, even one that is held or done."""
    from sqlalchemy import update

    from amply.database.leases import Job

    def claim(job: Any, session: Any, attempt: Any, *where: Any) -> Any:
        if job.table is not table:
            return original(job, session, attempt, *where)
        claimed = update(table).where(job.row)
        return session.scalar(claimed.values(**job.changes, **attempt.claim()).returning(table))

    original = _replace(Job, "claim", claim)


@guard
def late_acknowledgement() -> None:
    """A message is deleted after its task has run, and given back when its process dies."""
    from amply.jobs import config

    def tasks() -> dict[str, Any]:
        return {**original(), "task_acks_late": False, "task_reject_on_worker_lost": False}

    original = _replace(config, "_tasks", tasks)


@guard
def transport() -> None:
    """Kombu's SQS transport survives what SQS answers."""
    from amply.jobs import config

    def broker(settings: Any) -> dict[str, Any]:
        conf: dict[str, Any] = original(settings)
        del conf["broker_transport"]
        return conf

    original = _replace(config, "_broker", broker)
