"""The resolution of a service's CPUUtilization: how many samples each of its tasks sends.

A service reports every 60 seconds unless its `monitoring` asks for 20. A task sends one sample each
time, so a service at 20 seconds has three samples a minute for each task.
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_MonitoringConfiguration.html

DescribeServices does not return it: the service's revisions do.
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ServiceRevision.html
"""

from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Any

from ops.aws.access import Access
from ops.aws.client import Aws, in_batches, side_by_side
from ops.copilot.place import DEFAULT_RESOLUTION, ServiceStack

ACCESS = Access("ecs", reads=("DescribeServices", "DescribeServiceRevisions"))

_METRIC = "CPUUtilization"
# The most that one call takes, by the pages of DescribeServices and DescribeServiceRevisions.
_SERVICES, _REVISIONS = 10, 20


def read_resolutions(aws: Aws, stacks: Iterable[ServiceStack]) -> Mapping[str, int]:
    """Return the resolution in seconds of each service, by the stack's name.

    One call for ten services of a cluster, and one for twenty revisions.
    """
    current = _current_revisions(aws, stacks)
    batches = in_batches([arn for arns in current.values() for arn in arns], _REVISIONS)
    revisions = {
        revision["serviceRevisionArn"]: revision
        for described in side_by_side(_Describe(aws).revisions, batches)
        for revision in described
    }
    return {
        name: _resolution([revisions[arn] for arn in arns if arn in revisions])
        for name, arns in current.items()
    }


class _Describe:
    """A reader of ECS services and their revisions. Its client is created before any thread uses
    it.
    """

    def __init__(self, aws: Aws) -> None:
        self._client = aws.client(ACCESS)

    def services(self, stacks: Iterable[ServiceStack]) -> list[dict[str, Any]]:
        """Return the existing services of these stacks, which share a cluster."""
        batch = list(stacks)
        names = [stack.service for stack in batch]
        answer = self._client.describe_services(cluster=batch[0].cluster, services=names)
        return list(answer["services"])

    def revisions(self, arns: Iterable[str]) -> list[dict[str, Any]]:
        """Return the existing revisions."""
        answer = self._client.describe_service_revisions(serviceRevisionArns=list(arns))
        return list(answer["serviceRevisions"])


def _current_revisions(aws: Aws, stacks: Iterable[ServiceStack]) -> dict[str, list[str]]:
    """Return the ARNs of the revisions that each service runs: several during a deployment."""
    ordered = sorted(stacks, key=lambda stack: (stack.cluster, stack.service))
    batches = [
        batch
        for _, stacks_of_cluster in groupby(ordered, key=lambda stack: stack.cluster)
        for batch in in_batches(list(stacks_of_cluster), _SERVICES)
    ]
    described = {
        service["serviceName"]: service
        for services in side_by_side(_Describe(aws).services, batches)
        for service in services
    }
    return {
        stack.name: [
            revision["arn"]
            for revision in described.get(stack.service, {}).get("currentServiceRevisions", ())
        ]
        for stack in ordered
    }


def _resolution(revisions: Iterable[Mapping[str, Any]]) -> int:
    """Return the resolution of the newest revision, which a deployment in progress moves to."""
    newest = max(revisions, key=lambda revision: revision["createdAt"], default={})
    for configuration in newest.get("monitoring", {}).get("metricConfigurations", ()):
        if _METRIC in configuration.get("metricNames", (_METRIC,)):
            return int(configuration.get("resolutionSeconds", DEFAULT_RESOLUTION))
    return DEFAULT_RESOLUTION
