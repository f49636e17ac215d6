"""Dashboards in CloudWatch: the only code that reads and writes them."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from botocore.exceptions import ClientError

from ops.aws.access import Access
from ops.aws.client import Aws, code_of, tags_of, unless_gone
from ops.aws.constraints import Request
from ops.base.errors import OpsError
from ops.copilot.place import EnvironmentPlace
from ops.kinds.dashboards.body import as_body, as_properties
from ops.plan.model import Create, Delete, Json, Live, Properties, Resource, Update
from ops.plan.remote import Trace

ACCESS = Access(
    "cloudwatch",
    reads=("GetDashboard", "ListTagsForResource"),
    writes=("PutDashboard", "DeleteDashboards"),
    implied=("cloudwatch:TagResource",),
)


class Remote:
    """The dashboard of one environment."""

    def __init__(self, aws: Aws, places: Sequence[EnvironmentPlace]) -> None:
        self._name = f"{places[0].application}-{places[0].environment}"
        self._tags = places[0].tags
        self._client = aws.client(ACCESS)
        self._arns: dict[str, str] = {}
        self._dashboards: dict[str, Live | None] = {}  # by name; None: not there

    def read(self, names: Collection[str]) -> list[Live]:
        """Read each dashboard with one call; there is one."""
        unread = sorted(set(names) - self._dashboards.keys())
        self._dashboards.update({name: self._get(name) for name in unread})
        return [live for name in names if (live := self._dashboards[name]) is not None]

    def _get(self, name: str) -> Live | None:
        try:
            answer = self._client.get_dashboard(DashboardName=name)
        except ClientError as error:
            if code_of(error) in ("ResourceNotFound", "ResourceNotFoundException"):
                return None
            raise
        self._arns[name] = answer["DashboardArn"]
        properties = as_properties(json.loads(answer["DashboardBody"]))
        state: dict[str, Json] = {"widgets": len(_sequence(properties["titles"]))}
        return Live(name, properties, state)

    def inventory(self) -> Collection[str]:
        """Return names by calling `read`, because an environment's dashboard has a fixed name.

        The tag index does not work, because it is regional and dashboards are global.
        """
        return [live.name for live in self.read([self._name])]

    def owned(self, names: Collection[str]) -> Collection[str]:
        """Return the dashboards with tags of `ops`, with one call for each."""
        return {name for name in names if self._has_tags(name)}

    def _has_tags(self, name: str) -> bool:
        tags = tags_of(self._client.list_tags_for_resource, ResourceARN=self._arns[name])
        return self._tags.items() <= tags.items()

    def create(self, change: Create) -> None:
        """Call PutDashboard with tags, which AWS accepts only for a new dashboard."""
        self._put(_put_request(change.name, change.result, change.wanted.tags))

    def update(self, change: Update) -> None:
        """PutDashboard, which replaces the body as a whole."""
        self._put(_put_request(change.name, change.result, {}))

    def requests(self, resource: Resource) -> Iterator[Request]:
        """Return the request that creates the dashboard."""
        yield _put_request(resource.name, Create(resource).result, resource.tags)

    def _put(self, request: Request) -> None:
        """Put the body. Raise OpsError with CloudWatch's messages about it.

        It also returns warnings about an accepted body, such as a graph that it will not draw.
        """
        answer = self._client.put_dashboard(**request.parameters)
        if messages := answer.get("DashboardValidationMessages"):
            faults = "; ".join(
                f"{message.get('DataPath', '/')}: {message.get('Message', '')}"
                for message in messages
            )
            raise OpsError(
                f"CloudWatch took the dashboard {request.parameters['DashboardName']}, but finds "
                f"fault with it: {faults}",
                "This is a bug in ops: report it with this message.",
            )

    def delete(self, change: Delete) -> None:
        """Call DeleteDashboards with one name."""
        with unless_gone():
            self._client.delete_dashboards(DashboardNames=[change.name])

    def traces(self, name: str) -> list[Trace]:
        """Return the parameters that name a dashboard: alone, or in a list."""
        return [{"dashboardName": name}, {"dashboardNames": name}]


def _put_request(name: str, properties: Properties, tags: Mapping[str, str]) -> Request:
    parameters: dict[str, Any] = {
        "DashboardName": name,
        "DashboardBody": json.dumps(as_body(properties)),
    }
    if tags:
        parameters["Tags"] = [{"Key": key, "Value": value} for key, value in tags.items()]
    return Request(ACCESS.service, "PutDashboard", parameters)


def _sequence(value: Json) -> Sequence[Json]:
    return value if isinstance(value, Sequence) else ()
