"""Service deployments and service revisions.

AWS: each deployment of a service can be listed and described for 90 days with its status, source
and target revisions, circuit breaker and rollback; a revision names the task definition and images;
StopServiceDeployment rolls a deployment in progress back, also without a circuit breaker.
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-deployment.html
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeServiceDeployments.html
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_StopServiceDeployment.html

moto: has none of these calls.

Closed by reading `ops.local.gaps.ecs.services`' history of a service's deployments.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult
from moto.ecs.responses import EC2ContainerServiceResponse

from ops.local.gaps.ecr.running_images import digest_of
from ops.local.gaps.ecs.services import CHANGING, history_of, rollbacks_of, stops_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from moto.ecs.models import Service


class _NotFoundError(ServiceException):
    code = "ServiceDeploymentNotFoundException"


class _ConflictError(ServiceException):
    code = "ConflictException"


def close() -> None:
    """Answer the calls about service deployments and revisions."""
    calls = (
        _list_service_deployments,
        _describe_service_deployments,
        _describe_service_revisions,
        _stop_service_deployment,
    )
    for call in calls:
        setattr(EC2ContainerServiceResponse, call.__name__.lstrip("_"), _locked(call))


def _locked(call: Callable[..., ActionResult]) -> Callable[..., ActionResult]:
    def answer(self: EC2ContainerServiceResponse) -> ActionResult:
        with CHANGING:
            return call(self)

    return answer


def status_of(service: Service, deployment: dict[str, Any]) -> str:
    """Return the status of a service deployment."""
    if (identifier := rollbacks_of(service).get(deployment["id"])) is not None:
        back = next(other for other in history_of(service) if other["id"] == identifier)
        ended = {"COMPLETED": "ROLLBACK_SUCCESSFUL", "FAILED": "ROLLBACK_FAILED"}
        return ended.get(back["rolloutState"], "ROLLBACK_IN_PROGRESS")
    if deployment["rolloutState"] == "COMPLETED":
        return "SUCCESSFUL"
    is_current = bool(service.deployments) and service.deployments[0] is deployment
    if deployment["rolloutState"] == "IN_PROGRESS" and is_current:
        return "ROLLBACK_REQUESTED" if deployment["id"] in stops_of(service) else "IN_PROGRESS"
    return "STOPPED"  # a newer deployment began, or it failed and nothing could be rolled back


def _list_service_deployments(self: EC2ContainerServiceResponse) -> ActionResult:
    name = str(self._get_param("service")).rsplit("/", 1)[-1]
    statuses = self._get_param("status") or ()
    brief = ("serviceDeploymentArn", "serviceArn", "clusterArn", "status", "startedAt", "createdAt",
             "finishedAt", "targetServiceRevisionArn")  # fmt: skip
    descriptions = [
        _described(service, deployment)
        for service in _services(self)
        if service.name == name
        for deployment in _deployments(service)
    ]
    briefs = [
        {key: description[key] for key in brief if key in description}
        for description in descriptions
    ]
    chosen = [entry for entry in briefs if not statuses or entry["status"] in statuses]
    return ActionResult({"serviceDeployments": chosen})


def _describe_service_deployments(self: EC2ContainerServiceResponse) -> ActionResult:
    descriptions, failures = [], []
    for arn in self._get_param("serviceDeploymentArns"):
        match = _find(self, arn)
        if match is None:
            failures.append({"arn": arn, "reason": "MISSING"})
        else:
            descriptions.append(_described(*match))
    return ActionResult({"serviceDeployments": descriptions, "failures": failures})


def _describe_service_revisions(self: EC2ContainerServiceResponse) -> ActionResult:
    arns = self._get_param("serviceRevisionArns")
    revisions = {
        _revision_arn(service, deployment): _revision(self, service, deployment)
        for service in _services(self)
        for deployment in history_of(service)
        if _revision_arn(service, deployment) in arns
    }
    failures = [{"arn": arn, "reason": "MISSING"} for arn in arns if arn not in revisions]
    return ActionResult({"serviceRevisions": list(revisions.values()), "failures": failures})


def _stop_service_deployment(self: EC2ContainerServiceResponse) -> ActionResult:
    arn = self._get_param("serviceDeploymentArn")
    match = _find(self, arn)
    if match is None:
        raise _NotFoundError("The service deployment cannot be found.")
    service, deployment = match
    if status_of(service, deployment) != "IN_PROGRESS":
        raise _ConflictError("The service deployment is not in progress.")
    stops_of(service).add(deployment["id"])
    return ActionResult({"serviceDeploymentArn": arn})


def _services(self: EC2ContainerServiceResponse) -> list[Service]:
    return list(self.ecs_backend.services.values())


def _deployments(service: Service) -> Iterator[dict[str, Any]]:
    """Yield the deployments, newest first; a rollback belongs to the deployment that failed."""
    rollbacks = set(rollbacks_of(service).values())
    for deployment in reversed(history_of(service)):
        if deployment["id"] not in rollbacks:
            yield deployment


def _find(self: EC2ContainerServiceResponse, arn: str) -> tuple[Service, dict[str, Any]] | None:
    for service in _services(self):
        for deployment in _deployments(service):
            if _arn(service, deployment) == arn:
                return service, deployment
    return None


def _digits(deployment: dict[str, Any]) -> str:
    return str(deployment["id"]).rsplit("/", 1)[-1]


def _arn(service: Service, deployment: dict[str, Any]) -> str:
    base = service.arn.replace(":service/", ":service-deployment/", 1)
    return f"{base}/{int(_digits(deployment)):x}"


def _revision_arn(service: Service, deployment: dict[str, Any]) -> str:
    base = service.arn.replace(":service/", ":service-revision/", 1)
    return f"{base}/{_digits(deployment)}"


def _counted(service: Service, deployment: dict[str, Any]) -> dict[str, Any]:
    return {
        "arn": _revision_arn(service, deployment),
        "requestedTaskCount": deployment["desiredCount"],
        "runningTaskCount": deployment["runningCount"],
        "pendingTaskCount": deployment["pendingCount"],
    }


def _described(service: Service, deployment: dict[str, Any]) -> dict[str, Any]:
    status = status_of(service, deployment)
    history = history_of(service)
    earlier = history[: history.index(deployment)]
    source = next(
        (other for other in reversed(earlier) if other["rolloutState"] == "COMPLETED"), None
    )
    answer = {
        "serviceDeploymentArn": _arn(service, deployment),
        "serviceArn": service.arn,
        "clusterArn": service.cluster_arn,
        "createdAt": deployment["createdAt"],
        "startedAt": deployment["createdAt"],
        "updatedAt": deployment["updatedAt"],
        "status": status,
        "statusReason": deployment["rolloutStateReason"],
        "targetServiceRevision": _counted(service, deployment),
        "targetServiceRevisionArn": _revision_arn(service, deployment),
        "sourceServiceRevisions": [_counted(service, source)] if source else [],
    }
    if (identifier := rollbacks_of(service).get(deployment["id"])) is not None:
        back = next(other for other in history if other["id"] == identifier)
        answer["updatedAt"] = back["updatedAt"]
        answer["rollback"] = {
            "reason": deployment["rolloutStateReason"],
            "startedAt": back["createdAt"],
            "serviceRevisionArn": _revision_arn(service, source or back),
        }
    if not status.endswith(("IN_PROGRESS", "REQUESTED")):
        answer["finishedAt"] = answer["updatedAt"]
    return answer


def _revision(
    self: EC2ContainerServiceResponse, service: Service, deployment: dict[str, Any]
) -> dict[str, Any]:
    definition = self.ecs_backend.describe_task_definition(deployment["taskDefinition"])
    images = [
        {
            "containerName": container["name"],
            "image": container["image"],
            "imageDigest": digest_of(str(container["image"])),
        }
        for container in definition.container_definitions
    ]
    monitoring = getattr(service, "monitoring", None)
    return {
        "serviceRevisionArn": _revision_arn(service, deployment),
        "serviceArn": service.arn,
        "clusterArn": service.cluster_arn,
        "taskDefinition": deployment["taskDefinition"],
        "containerImages": images,
        "createdAt": deployment["createdAt"],
        "loadBalancers": service.load_balancers,
    } | ({"monitoring": monitoring} if monitoring else {})
