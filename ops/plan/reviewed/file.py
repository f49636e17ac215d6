"""A plan saved to a file, to apply exactly what was reviewed. No AWS here.

The file holds what would be written and where, with old and new values. A sync from it creates the
plan again and refuses if the two differ: then AWS or the files have changed since the review.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ops.base.errors import OpsError
from ops.plan.model import Create, Delete, Json, Plan, Unchanged
from ops.plan.output.text import action_of, as_json
from ops.plan.report import Survey
from ops.plan.reviewed.moved import Moment, Writes, fingerprint, moved

_FORMAT = 3
_AGAIN = "Create the plan again with `ops plan --out {path}`, and review it."


@dataclass(frozen=True)
class Reviewed:
    """The content of a plan file: its place and kinds, every write, and the unchanged resources."""

    path: Path
    account: str
    region: str
    application: str
    environment: str | None
    kinds: tuple[str, ...]
    prune: bool
    moment: Moment

    def check_options(
        self, environment: str | None, application: str | None, *, prune: bool
    ) -> None:
        """Raise OpsError if the options of a command contradict the plan."""
        contradictions = []
        if environment is not None and self.environment not in (None, environment):
            contradictions.append(
                f"it is for {self.environment}, and --env (or OPS_ENV) says {environment}"
            )
        if application is not None and application != self.application:
            contradictions.append(f"it is for {self.application}, and --app says {application}")
        if prune and not self.prune:
            contradictions.append("it was created without --prune")
        if contradictions:
            raise OpsError(
                f"Nothing was changed: the options contradict {self.path}: "
                f"{'; '.join(contradictions)}",
                "Omit the option, or create and review a plan with it.",
            )

    def check(self, survey: Survey, *, account: str, region: str) -> None:
        """Raise OpsError unless the survey is of the same account and has the same writes."""
        if (account, region) != (self.account, self.region):
            raise OpsError(
                f"Nothing was changed: {self.path} is for account {self.account} in {self.region}, "
                f"and this is account {account} in {region}",
                "Check AWS_PROFILE, --profile and --region.",
            )
        if survey.problems:
            raise OpsError(
                "Nothing was changed: ops cannot check whether anything has changed since "
                f"{self.path} was created",
                "\n".join(map(str, survey.problems)),
            )
        changes = moved(self.moment, moment_of(survey.plans))
        if survey.application != self.application or changes:
            shown = (
                "".join(f"\n  {change}" for change in changes)
                or f" application {survey.application}"
            )
            raise OpsError(
                f"Nothing was changed: this has changed since {self.path} was created:{shown}",
                _AGAIN.format(path=self.path),
            )


def save(
    path: Path, survey: Survey, kinds: Sequence[str], *, account: str, region: str, prune: bool
) -> None:
    """Write the plan. Raise OpsError if it is incomplete, or the file cannot be written."""
    if survey.problems:
        raise OpsError(f"{path} was not written: the plan is incomplete", "See the errors above.")
    moment = moment_of(survey.plans)
    data: dict[str, Json] = {
        "ops_plan": _FORMAT,
        "account": account,
        "region": region,
        "application": survey.application,
        "environment": survey.environment,
        "kinds": list(kinds),
        "prune": prune,
        "writes": dict(moment.writes),
        "unchanged": dict(moment.unchanged),
    }
    try:
        path.write_text(as_json(data) + "\n")
    except OSError as error:
        raise OpsError(f"{path} cannot be written: {error.strerror}") from error


def load(path: Path) -> Reviewed:
    """Read a plan. Raise OpsError if the file is not a plan."""
    try:
        data: Any = json.loads(path.read_text())
        if data["ops_plan"] != _FORMAT:
            raise OpsError(
                f"{path} was created by another version of ops", _AGAIN.format(path=path)
            )
        return Reviewed(
            path=path,
            account=data["account"],
            region=data["region"],
            application=data["application"],
            environment=data["environment"],
            kinds=tuple(data["kinds"]),
            prune=data["prune"],
            moment=Moment(dict(data["writes"]), dict(data["unchanged"]), {}),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise OpsError(
            f"{path} is not a plan of ops ({type(error).__name__}: {error})",
            _AGAIN.format(path=path),
        ) from error


def moment_of(plans: Sequence[Plan]) -> Moment:
    """Return the writes and the unchanged resources, each by `<kind> <name>`.

    A write has its fields, all properties after it, and a fingerprint of those before.
    """
    writes = {
        f"{plan.kind} {change.name}": {
            "action": action_of(change),
            "fields": [[field.path, field.old, field.new] for field in change.fields],
            "result": change.live.properties if isinstance(change, Delete) else change.result,
            "was": None if isinstance(change, Create) else fingerprint(change.live.properties),
        }
        for plan in plans
        for change in plan.writes
    }
    live = {
        f"{plan.kind} {change.name}": change.live
        for plan in plans
        for change in plan.changes
        if isinstance(change, Unchanged)
    }
    unchanged = {name: fingerprint(resource.properties) for name, resource in live.items()}
    normal: Writes = json.loads(json.dumps(writes))  # as the file gives them back
    return Moment(normal, unchanged, live)
