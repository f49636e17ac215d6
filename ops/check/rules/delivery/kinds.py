"""Settings of an `ops.yml` that contradict the manifest."""

from collections.abc import Iterator, Mapping
from typing import Any

from ops.base.errors import OpsError
from ops.check.files.ops_files import declared, hit_in
from ops.check.finding import Hit, Severity
from ops.check.manifest.tasks import band
from ops.check.registry import rule
from ops.check.subject.model import Subject
from ops.check.subject.plain import dig
from ops.copilot.place import ServicePlace, ServiceStack
from ops.copilot.workload import Workload
from ops.copilot.workspace.problems import WorkspaceError
from ops.copilot.workspace.settings import ServiceSettings
from ops.kinds.scaling.findings import findings
from ops.kinds.scaling.minimum.desired import minimum
from ops.plan.survey.declarations import by_kind

_TARGETS = "https://docs.aws.amazon.com/autoscaling/application/userguide/what-is-application-auto-scaling.html"
_INSIGHTS = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Container-Insights-metrics-ECS.html"
_INSIGHTS_NAMESPACE = "ECS/ContainerInsights"


@rule(Severity.ERROR, _TARGETS)
def scaling_needs_range(subject: Subject) -> Iterator[Hit]:
    """An `ops.yml` scales a service whose manifest has a fixed count.

    Why: Copilot creates nothing to scale, and a deployment resets the count.

    Fix: Write `count: {range: …}` in the manifest.
    """
    for variant, settings in declared(subject):
        count = dig(variant.data, "count")
        fixed = band(variant.data) is None and "${" not in str(count)
        if _scaling(settings) is not None and fixed:
            message = f"`{variant.workload}` has a fixed count in `{variant.environment}`"
            yield hit_in(subject, variant, ("scaling",), message)


@rule(
    Severity.ERROR,
    "https://docs.aws.amazon.com/autoscaling/application/userguide/scheduled-scaling-using-cron-expressions.html",
)
def scaling_minimum(subject: Subject) -> Iterator[Hit]:
    """A `scaling.minimum` is outside of the manifest's range, or combined with off-hours.

    Why: `ops scaling sync` refuses it: off-hours set the same bounds.

    Fix: Widen `count.range`, or write `scaling: {minimum: []}` for the environment.
    """
    for variant, settings in declared(subject):
        section = _scaling(settings)
        if section is None:
            continue
        place = ServicePlace(
            subject.workspace.application,
            variant.environment or "",
            variant.workload,
            ServiceStack("", "", ""),
            Workload.from_manifest(variant.data, settings.queue),
            shared=_shared(subject, variant.environment),
        )
        try:
            minimum(section, place)
        except OpsError as error:
            yield hit_in(subject, variant, ("scaling", "minimum"), error.what, error.next_step)


@rule(
    Severity.WARNING,
    "https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-target-tracking.html",
)
def doubtful_scaling(subject: Subject) -> Iterator[Hit]:
    """The scaling of a service contradicts itself.

    Why: AWS accepts such policies. They add too many tasks, too few, or none.

    Fix: Change the setting that the finding names.
    """
    for variant, settings in declared(subject):
        section = _scaling(settings)
        if section is not None:
            workload = Workload.from_manifest(variant.data, settings.queue)
            for finding in findings(section, workload):
                yield hit_in(subject, variant, ("scaling",), finding.what, finding.next_step)


@rule(
    Severity.WARNING,
    "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-autoscaling-targettracking.html",
)
def second_scaling_policy(subject: Subject) -> Iterator[Hit]:
    """Copilot's own policy scales a service that `ops` scales too.

    Why: The policy that wants most tasks wins, and target tracking removes tasks only when all
    agree.

    Fix: Remove `/Resources/AutoScalingPolicyECSServiceAverageCPUUtilization`, or the policy of your
    metric, in `overrides/cfn.patches.yml`.
    """
    for variant, settings in declared(subject):
        if _scaling(settings) is None or band(variant.data) is None:
            continue
        for name in ("cpu_percentage", "memory_percentage", "requests", "response_time"):
            there = dig(variant.data, "count", name) is not None
            if there and not subject.overrides_speak_of(variant.workload, "AutoScalingPolicy"):
                message = f"`{name}` remains next to the policies of ops.yml"
                yield variant.hit(("count", name), message)


@rule(Severity.ERROR, _INSIGHTS)
def container_insights_off(subject: Subject) -> Iterator[Hit]:
    """An alarm uses a metric of Container Insights, which the environment disables.

    Why: The metric does not exist, and the alarm never fires.

    Fix: Write `observability: {container_insights: true}` in the environment's manifest.
    """
    switched = {
        environment.name: dig(environment.data, "observability", "container_insights")
        for environment in subject.environments
    }
    for variant, settings in declared(subject):
        if switched.get(variant.environment or "", True) is True:
            continue
        alarms = getattr(settings, "alarms", None)
        for name, alarm in getattr(alarms, "define", {}).items():
            if _INSIGHTS_NAMESPACE in str(alarm):
                message = f"`{variant.environment}` disables Container Insights"
                yield hit_in(subject, variant, ("alarms", "define", name), message)


@rule(
    Severity.WARNING,
    "https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html",
)
def images_never_expire(subject: Subject) -> Iterator[Hit]:
    """A workload's images never expire, although `ops` manages other repositories of the workspace.

    Why: Copilot creates repositories without a lifecycle policy.

    Fix: Declare the repository in `copilot/ops.yml`, with `adopt: true`.
    """
    try:
        declared_images = getattr(subject.workspace.settings(), "images", None)
    except WorkspaceError:
        return
    repositories = getattr(declared_images, "root", {})
    application = subject.workspace.application
    # Without `.workspace` only the last part of a repository's name is known.
    known = {name if application else name.rpartition("/")[2] for name in repositories}
    for manifest in subject.manifests if repositories else ():
        name = f"{application or 'APPLICATION'}/{manifest.name}"
        is_listed = (name if application else manifest.name) in known
        if dig(manifest.data, "image", "build") is not None and not is_listed:
            yield manifest.hit(
                ("image", "build"), f"`images` in copilot/ops.yml does not list `{name}`"
            )


def _shared(subject: Subject, environment: str | None) -> Mapping[str, Any]:
    """Return what the application's file says, by kind; nothing if it can't be read."""
    try:
        return by_kind(subject.workspace.settings(environment))
    except WorkspaceError:
        return {}  # reported by another rule


def _scaling(settings: ServiceSettings) -> Any:  # noqa: ANN401  # the kind's own model
    return getattr(settings, "scaling", None)
