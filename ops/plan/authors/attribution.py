"""A survey with the last author of each difference, and of each missing resource."""

from collections.abc import Mapping
from dataclasses import replace

from ops.aws.client import Aws, AwsError, explain
from ops.plan.authors.author import author_of
from ops.plan.authors.remote import last_events
from ops.plan.model import Conflict, Create, Plan, Update
from ops.plan.permissions import declared
from ops.plan.remote import Remote
from ops.plan.report import Survey


def with_authors(survey: Survey, remotes: Mapping[str, Remote], aws: Aws) -> Survey:
    """Return the survey with `authors`; with a warning instead if CloudTrail cannot be read."""
    try:
        found = {
            f"{plan.kind} {name}": author
            for plan in survey.plans
            for name, author in _authors(plan, remotes[plan.kind], aws).items()
        }
    except AwsError as error:
        warning = f"The authors of the changes are unknown: {explain(error)}"
        return replace(survey, warnings=(*survey.warnings, warning))
    return replace(survey, authors=found)


def _authors(plan: Plan, remote: Remote, aws: Aws) -> dict[str, str]:
    differing = [each for each in plan.changes if isinstance(each, Create | Update | Conflict)]
    if not differing:
        return {}
    writes = {
        name for access in declared(f"ops.kinds.{plan.kind}.remote") for name in access.writes
    }
    events = last_events(aws, writes)
    found = {
        each.name: author_of(
            remote.traces(each.name), events, is_there=not isinstance(each, Create)
        )
        for each in differing
    }
    return {name: author for name, author in found.items() if author is not None}
