"""Change the pure modules one place at a time, and count the changes that no test notices.

`make mutants` does it for every target, `python -m tests.mutation --target control` for one.
Cosmic Ray makes the changes, in a clone for each target, so that a run may be interrupted and as
many targets run side by side as there are processors. Of each target a sample with a fixed seed is
tried; `--sample 0` tries all. `# pragma: no mutate` excludes a line, with a
reason.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from cosmic_ray.work_db import WorkDB, use_db  # type: ignore[import-untyped]
from cosmic_ray.work_item import (  # type: ignore[import-untyped]
    WorkerOutcome,
    WorkResult,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_ROOT = Path(__file__).parents[1]
_Mutant: TypeAlias = tuple[tuple[str, tuple[int, int], str], int, str]  # place, occurrence, job
_LEAST_SCORE = 0.95
_SECONDS = 120.0  # for the tests of one mutant


@dataclass(frozen=True)
class Target:
    """Modules or packages, and the tests that should notice changes in them."""

    modules: tuple[str, ...]
    tests: tuple[str, ...]


# It compares the fields of each `ops.yml`, their bounds and defaults, with those of the docs.
_FIELDS = "tests/ops/reference/test_schema.py"


def _kind(name: str, modules: Iterable[str], tests: Iterable[str]) -> Target:
    return Target(
        tuple(f"ops/kinds/{name}/{module}.py" for module in modules),
        (*(f"tests/ops/kinds/{name}/test_{test}.py" for test in tests), _FIELDS),
    )


def _backend(modules: Iterable[str], tests: Iterable[str]) -> Target:
    """Return a target of the backend; its tests run on SQLite, which every machine has."""
    return Target(
        tuple(f"src/amply/{module}" for module in modules),
        (*(f"tests/amply/{test}" for test in tests), "-k", "'not postgresql'"),
    )


_SCHEMA = "database/test_migrations.py::test_models_and_migrations_agree"

TARGETS: Mapping[str, Target] = {
    "control": Target(("ops/control",), ("tests/ops/control",)),
    "alarms": _kind(
        "alarms",
        ("alarm", "balancer", "desired", "dimensions", "findings", "rule", "settings", "stores"),
        ("alarms", "balancers", "limits", "presets", "rules", "stores"),
    ),
    "scaling": _kind(
        "scaling",
        ("desired", "findings", "metrics", "settings", "steps"),
        ("bounds", "desired", "expressions", "findings", "limits", "minimum", "steps"),
    ),
    "schedules": _kind(
        "schedules", ("calendar", "desired", "muting", "settings"), ("desired", "limits")
    ),
    "dashboards": _kind(
        "dashboards", ("body", "desired", "graphs", "settings"), ("body", "desired", "graphs")
    ),
    "log-metrics": _kind("log_metrics", ("desired", "settings"), ("desired", "limits")),
    "events": _kind("events", ("desired", "settings"), ("desired",)),
    "plan": Target(("ops/plan/model.py",), ("tests/ops/plan/test_diff.py",)),
    "donations": _backend(
        ("donations", "database/leases.py", "webhooks"),
        (
            "donations/test_charging.py",
            "donations/test_recovery.py",
            "donations/test_refunding.py",
            "donations/test_partial_refunds.py",
            "donations/test_webhooks.py",
            "donations/test_money_events.py",
            "donations/test_outbox.py",
            "api/routes/test_idempotency.py",
            "donations/test_pages.py",
            "donations/test_statements.py",
            "api/routes/test_donor_pages_api.py",
            "api/routes/test_staff_money_and_mail.py",
            "mail/test_notices.py",
            "books/test_ledger.py",
            "books/test_refund_events.py",
            _SCHEMA,
        ),
    ),
    "payments": _backend(
        ("payments",),
        (
            "payments",
            "books/test_reconciliation.py",
            "donations/test_partial_refunds.py",
            "donations/test_webhooks.py",
            "donations/test_money_events.py",
            "api/routes/test_donor_pages_api.py",
        ),
    ),
    "books": _backend(
        ("ledger", "reconciliation"), ("books", "donations/test_refunding.py", _SCHEMA)
    ),
    "limits": _backend(("limits", "api/http/limits.py"), ("api/http/test_limits.py",)),
    "outbox": _backend(
        ("outbox",), ("donations/test_outbox_relay.py", "donations/test_outbox.py", _SCHEMA)
    ),
    "receipts": _backend(
        ("receipts",),
        (
            "mail/test_receipts.py",
            "mail/test_receipt_attempts.py",
            "mail/test_receipt_recovery.py",
            "mail/test_ses_reports.py",
        ),
    ),
    "money": _backend(
        ("base/money.py",),
        ("base/test_money.py", "api/routes/test_donations_api.py", "mail/test_receipts.py"),
    ),
}

# A comparison becomes its opposite, or moves its bound by the equal case.
_COMPARISONS = (
    "Lt_LtE", "LtE_Lt", "Gt_GtE", "GtE_Gt", "Lt_GtE", "LtE_Gt", "Gt_LtE", "GtE_Lt",
    "Eq_NotEq", "NotEq_Eq", "Is_IsNot", "IsNot_Is", "In_NotIn", "NotIn_In",
)  # fmt: skip
_OPERATORS = re.compile(
    "core/(NumberReplacer|ReplaceTrueWithFalse|ReplaceFalseWithTrue|ReplaceAndWithOr"
    "|ReplaceOrWithAnd|AddNot|ReplaceContinueWithBreak|ReplaceBreakWithContinue"
    f"|ReplaceComparisonOperator_({'|'.join(_COMPARISONS)})"
    "|ReplaceBinaryOperator_(Add_Sub|Sub_Add|Mul_Div|Div_Mul|FloorDiv_Mul|Mod_Mul))"
)

# What a type checker reads, or `frozen` forbids, the code never does: no test can notice. Nor does
# any value matter that is only an example in the OpenAPI document, or a lock, which SQLite has not,
# or whether zip() is strict about lengths that never differ.
_UNTRIED = re.compile(
    r"^@dataclass\(|^if TYPE_CHECKING:|^\s*examples=|\.with_for_update\(|\bstrict=(True|False)\b"
)
# Cosmic Ray takes the `*` before keyword-only parameters for a multiplication.
_KEYWORD_ONLY = "*,"


def main(arguments: list[str]) -> int:
    """Try the mutants of the targets; return 1 if a target's score is too low."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("--target", action="append", choices=TARGETS, help="one of them; repeat")
    parser.add_argument("--sample", type=int, default=100, help="mutants of each target; 0: all")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args(arguments)
    names = given.target or list(TARGETS)
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(os.cpu_count()) as pool:

        def score(name: str) -> float:
            clone = Path(folder) / name
            _run("git", "clone", "--quiet", str(_ROOT), str(clone), cwd=_ROOT)
            return _Session(clone, name).score(given.sample, given.seed)

        scores = dict(zip(names, pool.map(score, names), strict=True))
    low = [name for name, score in scores.items() if score < _LEAST_SCORE]
    sys.stdout.write(f"Below {_LEAST_SCORE:.0%}: {', '.join(low) or 'none'}\n")
    return 1 if low else 0


class _Session:
    """A run of Cosmic Ray for one target."""

    def __init__(self, clone: Path, name: str) -> None:
        self._clone = clone
        self._name = name
        self._target = TARGETS[name]
        self._config, self._database = f"{name}.toml", f"{name}.sqlite"

    def score(self, sample: int, seed: int) -> float:
        """Print the survivors; return the share of the mutants that a test noticed."""
        (self._clone / self._config).write_text(self._settings())
        self._cosmic_ray("init", self._config, self._database)
        _run("cr-filter-pragma", self._database, cwd=self._clone)
        with use_db(str(self._clone / self._database), WorkDB.Mode.open) as database:
            _skip(self._clone, database, sample, seed)
        self._cosmic_ray("exec", self._config, self._database)
        with use_db(str(self._clone / self._database), WorkDB.Mode.open) as database:
            return _report(self._name, database)

    def _settings(self) -> str:
        command = [sys.executable, "-m", "pytest", "-x", "-p", "no:cacheprovider"]
        return "\n".join(
            (
                "[cosmic-ray]",
                f"module-path = {list(self._target.modules)!r}",
                f"timeout = {_SECONDS}",
                "excluded-modules = []",
                f'test-command = "{" ".join((*command, *self._target.tests))}"',
                "[cosmic-ray.distributor]",
                'name = "local"',
                "",
            )
        )

    def _cosmic_ray(self, *command: str) -> None:
        _run("cosmic-ray", *command, cwd=self._clone)


def _skip(clone: Path, database: WorkDB, sample: int, seed: int) -> None:
    """Leave the sample of the mutants that are tried; sorted first, so that a seed repeats it."""
    tried = list[_Mutant]()
    skipped = list[_Mutant]()
    for item in database.pending_work_items:
        [mutation] = item.mutations
        place = (str(mutation.module_path), mutation.start_pos, mutation.operator_name)
        row, column = mutation.start_pos
        line = (clone / mutation.module_path).read_text().splitlines()[row - 1]
        is_tried = (
            _OPERATORS.fullmatch(mutation.operator_name)
            and not _UNTRIED.search(line)
            and not line.startswith(_KEYWORD_ONLY, column)
        )
        (tried if is_tried else skipped).append((place, mutation.occurrence, item.job_id))
    tried.sort()
    random.Random(seed).shuffle(tried)  # noqa: S311 - a sample, no secret
    outside = tried[sample:] if sample else []
    database.set_multiple_results(
        [job for *_, job in (*skipped, *outside)], WorkResult(WorkerOutcome.SKIPPED)
    )


def _report(name: str, database: WorkDB) -> float:
    """Print each survivor as a diff; print and return the score."""
    results = [
        result
        for _, result in database.results
        if result.worker_outcome is not WorkerOutcome.SKIPPED
    ]
    survivors = [result for result in results if not result.is_killed]
    for survivor in survivors:
        sys.stdout.write(f"{survivor.diff}\n")
    score = 1 - len(survivors) / len(results) if results else 0.0
    sys.stdout.write(f"{name}: {len(results)} mutants, {len(survivors)} survived, {score:.1%}\n")
    sys.stdout.flush()
    return score


def _run(*command: str, cwd: Path) -> None:
    """Run a command in the clone, with its modules before the installed ones, all compiled once."""
    path = os.pathsep.join((str(cwd), str(cwd / "src")))
    binaries = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
    environment = os.environ | {"PYTHONPATH": path, "PATH": binaries}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    subprocess.run(command, cwd=cwd, check=True, env=environment)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
