"""The long chaos run: `python -m tests.chaos --donations 10000`."""

import argparse
import dataclasses
import secrets
import shutil
import signal
import sys
import tempfile
from pathlib import Path

from tests.chaos.changes import guards
from tests.chaos.plan import HASTY, PRODUCTION, Plan
from tests.chaos.run import run
from tests.chaos.stage.servers import NotHere


def main() -> int:
    """Return 0 if the judge finds no fault, 1 if it finds one, 2 if a program is missing."""
    given = _parser().parse_args()
    plan = Plan(
        donations=given.donations,
        seed=given.seed,
        rate=given.rate,
        pause=given.pause,
        clock=PRODUCTION if given.unhurried else HASTY,
        lost_webhooks=given.lost_webhooks,
        without=tuple(given.without),
    )
    if given.unhurried:
        plan = dataclasses.replace(plan, pause=5.0, outage=False)  # one would take an hour
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # as Ctrl-C: ends all it started
    home = Path(tempfile.mkdtemp(prefix="amply-chaos-logs-"))
    print(f"Seed {plan.seed}; the services' logs are in {home}", flush=True)  # noqa: T201
    try:
        report = run(plan, home, lambda told: print(f"  {told}", flush=True))  # noqa: T201
    except NotHere as error:
        print(f"Not on this machine: {error}", file=sys.stderr)  # noqa: T201
        return 2
    except KeyboardInterrupt:
        return 130
    print(report)  # noqa: T201
    if report.faults:
        return 1
    if not given.keep:
        shutil.rmtree(home)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.chaos",
        epilog="Guards: " + "; ".join(f"{name} - {what}" for name, what in guards.names().items()),
    )
    parser.add_argument("--donations", type=int, default=10_000, help="how many (10000)")
    parser.add_argument("--rate", type=float, default=15.0, help="donations a second (15)")
    parser.add_argument("--pause", type=float, default=3.0, help="seconds between two blows (3)")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6), help="of the dice")
    parser.add_argument("--unhurried", action="store_true", help="with production's own waits")
    parser.add_argument(
        "--lost-webhooks", type=float, default=0.2, help="share of Stripe's events (0.2); 1: all"
    )
    parser.add_argument("--keep", action="store_true", help="keep the logs though all is well")
    parser.add_argument(
        "--without",
        metavar="GUARD",
        action="append",
        default=[],
        choices=list(guards.names()),
        help="take a guard out of the services; may be given more than once",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
