"""The operators' command line: `python -m amply COMMAND`."""

import argparse
import logging
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from amply.base.errors import AmplyError
from amply.base.logs import configure_logging
from amply.base.money import written
from amply.base.settings import load_settings
from amply.base.start import reported_in_one_line
from amply.database.base import now
from amply.database.errors import database_errors
from amply.donations.erasure import erase_donor
from amply.keys import api_keys
from amply.keys.api_keys import DIGEST, LONGEST_NAME
from amply.keys.models import ApiKey, Scope
from amply.ledger.export import write_month
from amply.migrations.schema import check, migrate
from amply.reconciliation.differences import open_differences
from amply.reconciliation.invariants import check_ledger
from amply.reconciliation.run import reconcile
from amply.services import Services
from amply.suppressions import addresses


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command. A foreseen error is one line and exit code 1."""
    command = _parser().parse_args(arguments)
    configure_logging(logging.INFO if command.name == "migrate" else logging.WARNING)
    with reported_in_one_line("Failed"):
        if command.name == "migrate":
            migrate(load_settings().require("migrate").database_url)
        elif command.name == "keys" and command.verb == "generate":
            print(*api_keys.generate(), sep="\n")  # noqa: T201
        else:
            _with_database(command)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m amply")
    commands = parser.add_subparsers(dest="name", required=True, metavar="COMMAND")
    commands.add_parser("migrate", help="bring DATABASE_URL to the schema of this release")
    _add_books(commands)
    keys = commands.add_parser("keys", help="API keys, by which staff are known")
    verbs = keys.add_subparsers(dest="verb", required=True, metavar="VERB")
    create = verbs.add_parser("create", help="make a key, and print it this once")
    create.add_argument("key", metavar="NAME", type=_name, help="the owner's name")
    create.add_argument("--scope", type=Scope, choices=list(Scope), default=Scope.READ)
    create.add_argument("--days", type=int, default=365, help="until it expires (365)")
    create.add_argument("--digest", type=_digest, help="of `keys generate`: prints no key")
    verbs.add_parser("generate", help="print a new key and its digest; needs no database")
    verbs.add_parser("list", help="show the keys there are, without their secrets")
    revoke = verbs.add_parser("revoke", help="make a key useless")
    revoke.add_argument("key", metavar="NAME")
    return parser


def _digest(given: str) -> str:
    if DIGEST.fullmatch(given) is None:
        raise argparse.ArgumentTypeError("give the second line that `keys generate` prints")
    return given


def _name(given: str) -> str:
    if not given.strip():  # as "$USER" is in many a container
        raise argparse.ArgumentTypeError("a key needs a name, which says whose it is")
    if len(given) > LONGEST_NAME or not given.isprintable():
        msg = f"a key's name has at most {LONGEST_NAME} characters, all of them printable"
        raise argparse.ArgumentTypeError(msg)
    return given


def _add_books(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    reconcile = commands.add_parser("reconcile", help="compare with Stripe's lists, and repair")
    since = "the first day, such as 2026-11-01 (UTC)"
    reconcile.add_argument("--since", type=_day, required=True, metavar="DAY", help=since)
    export = commands.add_parser("export", help="print a month of the ledger as CSV")
    month = "such as 2026-11 (UTC)"
    export.add_argument("--month", type=_month, required=True, metavar="MONTH", help=month)
    erase = commands.add_parser("erase", help="erase a donor, and keep the sums")
    erase.add_argument("email", metavar="EMAIL")
    suppressions = commands.add_parser("suppressions", help="addresses that get no mail")
    verbs = suppressions.add_subparsers(dest="verb", required=True, metavar="VERB")
    verbs.add_parser("list", help="show them, newest first")
    lift = verbs.add_parser("lift", help="let an address get mail again")
    lift.add_argument("email", metavar="EMAIL")


def _day(given: str) -> datetime:
    try:
        return datetime.strptime(given, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        raise argparse.ArgumentTypeError("is not a day such as 2026-11-01") from None


def _month(given: str) -> datetime:
    try:
        return datetime.strptime(given, "%Y-%m").replace(tzinfo=UTC)
    except ValueError:
        raise argparse.ArgumentTypeError("is not a month such as 2026-11") from None


def _with_database(command: argparse.Namespace) -> None:
    settings = load_settings().require(command.name)
    check(settings.database_url)
    services = Services(settings)
    run = {
        "keys": _on_keys,
        "reconcile": _reconcile,
        "export": _export,
        "erase": _erase,
        "suppressions": _on_suppressions,
    }
    try:
        with database_errors():
            run[command.name](command, services)
    finally:
        services.close()


def _reconcile(command: argparse.Namespace, services: Services) -> None:
    """Print what was found. Raise SystemExit(2) if a person must decide about something."""
    run = reconcile(services.sessions, services.records, command.since)
    check_ledger(services.sessions)
    with services.sessions() as session:
        differences = open_differences(session)
    print(f"{run.objects} objects, {run.repairs} repaired, {len(differences)} differ")  # noqa: T201
    for one in differences:
        amount = written(one.amount or 0, one.currency or "")
        print(f"{one.kind}  {one.source}  {amount}  {one.donation_id or '-'}")  # noqa: T201
    if differences:
        raise SystemExit(2)


def _export(command: argparse.Namespace, services: Services) -> None:
    with services.sessions() as session:
        write_month(session, command.month.year, command.month.month, sys.stdout)


def _erase(command: argparse.Namespace, services: Services) -> None:
    count = erase_donor(services.sessions, command.email)
    print(f"{count} donations")  # noqa: T201


def _on_suppressions(command: argparse.Namespace, services: Services) -> None:
    with services.sessions.begin() as session:
        if command.verb == "lift":
            if not addresses.lift(session, command.email):
                msg = "This address is not suppressed; `suppressions list` shows those that are"
                raise AmplyError(msg)
            return
        for one in addresses.suppressed(session):
            print(f"{one.address}  {one.reason} {one.created_at:%F}, {one.detail or '-'}")  # noqa: T201


def _on_keys(command: argparse.Namespace, services: Services) -> None:
    match command.verb:
        case "create":
            limits = (command.scope, now() + timedelta(days=command.days))
            if command.digest is not None:
                api_keys.store(services.sessions, command.key, command.digest, *limits)
            else:
                print(api_keys.create(services.sessions, command.key, *limits))  # noqa: T201
        case "revoke":
            api_keys.revoke(services.sessions, command.key)
        case _:
            for key in api_keys.listing(services.sessions):
                print(f"{key.name}  made {key.created_at:%F}, {key.scope}, {_state(key)}")  # noqa: T201


def _state(key: ApiKey) -> str:
    if key.revoked_at:
        return f"revoked {key.revoked_at:%F}"
    if key.expires_at is None:
        return "valid"
    is_valid = key.expires_at > now()
    return f"{'valid until' if is_valid else 'expired'} {key.expires_at:%F}"


if __name__ == "__main__":
    main()
