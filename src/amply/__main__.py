"""The operators' command line: `python -m amply COMMAND`."""

import argparse
import logging
from collections.abc import Sequence

from amply.base.logs import configure_logging
from amply.base.settings import load_settings
from amply.base.start import reported_in_one_line
from amply.database.errors import database_errors
from amply.keys import api_keys
from amply.keys.api_keys import DIGEST, LONGEST_NAME
from amply.migrations.schema import check, migrate
from amply.services import Services


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command. A foreseen error is one line and exit code 1."""
    command = _parser().parse_args(arguments)
    configure_logging(logging.INFO if command.name == "migrate" else logging.WARNING)
    with reported_in_one_line("Failed"):
        if command.name == "migrate":
            migrate(load_settings().require("migrate").database_url)
        else:
            _keys(command)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m amply")
    commands = parser.add_subparsers(dest="name", required=True, metavar="COMMAND")
    commands.add_parser("migrate", help="bring DATABASE_URL to the schema of this release")
    keys = commands.add_parser("keys", help="API keys, by which staff are known")
    verbs = keys.add_subparsers(dest="verb", required=True, metavar="VERB")
    create = verbs.add_parser("create", help="make a key, and print it this once")
    create.add_argument("key", metavar="NAME", type=_name, help="the owner's name")
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


def _keys(command: argparse.Namespace) -> None:
    if command.verb == "generate":
        print(*api_keys.generate(), sep="\n")  # noqa: T201
        return
    settings = load_settings().require("keys")
    check(settings.database_url)
    services = Services(settings)
    try:
        with database_errors():
            _on_keys(command, services)
    finally:
        services.close()


def _on_keys(command: argparse.Namespace, services: Services) -> None:
    match command.verb:
        case "create" if command.digest is not None:
            api_keys.store(services.sessions, command.key, command.digest)
        case "create":
            print(api_keys.create(services.sessions, command.key))  # noqa: T201
        case "revoke":
            api_keys.revoke(services.sessions, command.key)
        case _:
            for key in api_keys.listing(services.sessions):
                state = f"revoked {key.revoked_at:%F}" if key.revoked_at else "valid"
                print(f"{key.name}  made {key.created_at:%F}, {state}")  # noqa: T201


if __name__ == "__main__":
    main()
