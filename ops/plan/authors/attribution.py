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
    """Return the survey with the authors of changes, or a warning if CloudTrail is unreadable."""
    try:
        by_kind = {
            f"{plan.kind} {name}": author
            for plan in survey.plans
            for name, author in _authors(plan, remotes[plan.kind], aws).items()
        }
    except AwsError as error:
        warning = f"The authors of the changes are unknown: {explain(error)}"
        return replace(survey, warnings=(*survey.warnings, warning))
    return replace(survey, authors=by_kind)


def _authors(plan: Plan, remote: Remote, aws: Aws) -> dict[str, str]:
    differing = [
        change for change in plan.changes if isinstance(change, Create | Update | Conflict)
    ]
    if not differing:
        return {}
    writes = {
        name for access in declared(f"ops.kinds.{plan.kind}.remote") for name in access.writes
    }
    events = last_events(aws, writes)
    authors = {
        change.name: author_of(
            remote.traces(change.name), events, is_there=not isinstance(change, Create)
        )
        for change in differing
    }
    return {name: author for name, author in authors.items() if author is not None}
