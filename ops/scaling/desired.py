"""Which scaling policies a service should have. Pure: settings and names in, properties out.

Properties are the parameters of PutScalingPolicy:
https://docs.aws.amazon.com/autoscaling/application/APIReference/API_PutScalingPolicy.html
"""

from ops.errors import OpsError
from ops.place import ServicePlace
from ops.plan import Json, Resource
from ops.scaling.settings import QueueDepth, Settings

# Policies cannot be tagged. A name that begins so says that `ops` made the policy.
PREFIX = "ops-"


def desired(settings: Settings, place: ServicePlace) -> list[Resource]:
    """The policies that the service's `ops.yml` declares, each named `<service>/<policy>`.

    Raises OpsError when Copilot gave the service no scalable target.
    """
    if settings.queue_depth is None:
        return []
    if place.stack.scalable_target is None:
        raise OpsError(
            f"The service `{place.service}` has a fixed count, so nothing can scale it",
            f"Give it a range in copilot/{place.service}/manifest.yml, such as "
            "`count: {range: 2-20, …}`, and deploy it.",
        )
    policy: dict[str, Json] = {
        "PolicyType": "TargetTrackingScaling",
        "TargetTrackingScalingPolicyConfiguration": _queue_depth(settings.queue_depth),
    }
    return [Resource(policy_name(place, "queue-depth"), policy, tags={})]


def policy_name(place: ServicePlace, short_name: str) -> str:
    """The name in plans. Policies of different services may share theirs in AWS."""
    return f"{place.service}/{PREFIX}{short_name}"


def _queue_depth(depth: QueueDepth) -> dict[str, Json]:
    cooldowns = {
        "ScaleOutCooldown": depth.scale_out_cooldown,
        "ScaleInCooldown": depth.scale_in_cooldown,
    }
    return {
        "CustomizedMetricSpecification": {
            "Namespace": "AWS/SQS",
            "MetricName": "ApproximateNumberOfMessagesVisible",
            "Dimensions": [{"Name": "QueueName", "Value": depth.queue}],
            "Statistic": "Average",
            "Metrics": None,
        },
        "PredefinedMetricSpecification": None,
        "TargetValue": depth.target,
        "DisableScaleIn": False,
        **{name: value for name, value in cooldowns.items() if value is not None},
    }
