"""A survey, with who wrote last what differs."""

from dataclasses import replace

from ops.aws import Aws, AwsError, explain
from ops.permissions import declared
from ops.plan import Conflict, Plan, Update
from ops.report import Survey
from ops.trail.author import authors
from ops.trail.remote import last_events


def with_authors(survey: Survey, aws: Aws) -> Survey:
    """The survey with `authors`. Without an answer from CloudTrail, with a warning instead."""
    try:
        found = {
            f"{plan.kind} {name}": author
            for plan in survey.plans
            for name, author in _authors(plan, aws).items()
        }
    except AwsError as error:
        warning = f"Nobody can say who changed it: {explain(error)}"
        return replace(survey, warnings=(*survey.warnings, warning))
    return replace(survey, authors=found)


def _authors(plan: Plan, aws: Aws) -> dict[str, str]:
    differing = [each.name for each in plan.changes if isinstance(each, Update | Conflict)]
    if not differing:
        return {}
    writes = {name for access in declared(f"ops.{plan.kind}.remote") for name in access.writes}
    return authors(differing, last_events(aws, {name for name in writes if "Delete" not in name}))
