"""The limits of each write action in a policy of `ops`: by ARN and by tag.

AWS's Service Authorization Reference says which resource types and condition keys an action has:
https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
tests/ops/plan/test_scopes.py compares this table with cfn-lint's copy of it.
"""

from dataclasses import dataclass
from types import MappingProxyType

# Stands for the beginning of a name: the application's, or nothing where none is given.
NAME = "{name}"
_OURS = MappingProxyType({"StringEquals": {"aws:ResourceTag/managed-by": "ops"}})
_SCALER = "ecs.application-autoscaling.amazonaws.com"
_ROLE = f"aws-service-role/{_SCALER}/AWSServiceRoleForApplicationAutoScaling_ECSService"


@dataclass(frozen=True)
class Scope:
    """The resources and the condition of an action; both empty if AWS offers neither."""

    resources: tuple[str, ...] = ("*",)
    condition: MappingProxyType[str, dict[str, str]] | None = None
    reason: str = ""  # why it is no narrower


_EVERYTHING = Scope(
    reason="Application Auto Scaling tries it, and AWS does not say on which alarms: "
    "https://docs.aws.amazon.com/autoscaling/application/userguide/security_iam_permission_validation.html"
)
_UNSUPPORTED = Scope(reason="AWS offers no resource type for it")
_ALARM = f"arn:*:cloudwatch:*:*:alarm:{NAME}*"
_MUTE_RULE = f"arn:*:cloudwatch:*:*:alarm-mute-rule:{NAME}*"
_DASHBOARD = f"arn:*:cloudwatch::*:dashboard/{NAME}*"
_TARGET = Scope(("arn:*:application-autoscaling:*:*:scalable-target/*",), reason="ids, not names")
_REPOSITORY = f"arn:*:ecr:*:*:repository/{NAME}*"
_RULE = f"arn:*:events:*:*:rule/{NAME}*"
_TOPIC = f"arn:*:sns:*:*:{NAME}*"
_QUEUE = Scope(("arn:*:sqs:*:*:*",), reason="a queue has any name, and is not made by ops")
_RELEASES = Scope((f"arn:*:ssm:*:*:parameter/ops/{NAME}*",))
_GROUP = Scope((f"arn:*:logs:*:*:log-group:/copilot/{NAME}*",))

SCOPES: dict[str, Scope] = {
    "application-autoscaling:DeleteScalingPolicy": _TARGET,
    "application-autoscaling:DeleteScheduledAction": _TARGET,
    "application-autoscaling:DeregisterScalableTarget": _TARGET,
    "application-autoscaling:PutScalingPolicy": _TARGET,
    "application-autoscaling:PutScheduledAction": _TARGET,
    "application-autoscaling:RegisterScalableTarget": _TARGET,
    "application-autoscaling:TagResource": _TARGET,
    "cloudformation:CancelUpdateStack": Scope((f"arn:*:cloudformation:*:*:stack/{NAME}*/*",)),
    "cloudformation:ContinueUpdateRollback": Scope((f"arn:*:cloudformation:*:*:stack/{NAME}*/*",)),
    "cloudwatch:DeleteAlarmMuteRule": Scope((_MUTE_RULE,)),
    "cloudwatch:DeleteAlarms": _EVERYTHING,
    "cloudwatch:DeleteDashboards": Scope((_DASHBOARD,)),
    "cloudwatch:PutAlarmMuteRule": Scope((_MUTE_RULE, _ALARM)),
    "cloudwatch:PutCompositeAlarm": Scope((_ALARM,)),
    "cloudwatch:PutDashboard": Scope((_DASHBOARD,)),
    "cloudwatch:PutMetricAlarm": _EVERYTHING,
    "cloudwatch:TagResource": Scope((_ALARM, _MUTE_RULE, _DASHBOARD)),
    "ecr:BatchCheckLayerAvailability": Scope((_REPOSITORY,)),
    "ecr:BatchGetImage": Scope((_REPOSITORY,)),
    "ecr:CompleteLayerUpload": Scope((_REPOSITORY,)),
    "ecr:CreateRepository": Scope((_REPOSITORY,)),
    "ecr:DeleteRepository": Scope((_REPOSITORY,), _OURS),
    "ecr:InitiateLayerUpload": Scope((_REPOSITORY,)),
    "ecr:PutImage": Scope((_REPOSITORY,)),
    "ecr:PutImageScanningConfiguration": Scope((_REPOSITORY,)),
    "ecr:PutImageTagMutability": Scope((_REPOSITORY,)),
    "ecr:PutLifecyclePolicy": Scope((_REPOSITORY,)),
    "ecr:TagResource": Scope((_REPOSITORY,)),
    "ecr:UploadLayerPart": Scope((_REPOSITORY,)),
    "ecs:UpdateService": Scope((f"arn:*:ecs:*:*:service/{NAME}*/*",)),
    "events:DeleteRule": Scope((_RULE,), _OURS),
    "events:PutRule": Scope((_RULE,)),
    "events:PutTargets": Scope((_RULE,)),
    "events:RemoveTargets": Scope((_RULE,), _OURS),
    "events:TagResource": Scope((_RULE,)),
    # https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-service-linked-roles.html
    "iam:CreateServiceLinkedRole": Scope(
        (f"arn:*:iam::*:role/{_ROLE}",),
        MappingProxyType({"StringEquals": {"iam:AWSServiceName": _SCALER}}),
    ),
    # The role that rules publish to topics as: `topics.events_role` of copilot/ops.yml.
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
    "iam:PassRole": Scope(
        (f"arn:*:iam::*:role/{NAME}*",),
        MappingProxyType({"StringEquals": {"iam:PassedToService": "events.amazonaws.com"}}),
    ),
    "logs:DeleteMetricFilter": _GROUP,
    "logs:DeleteQueryDefinition": _UNSUPPORTED,
    "logs:PutMetricFilter": _GROUP,
    "logs:PutQueryDefinition": _UNSUPPORTED,
    "sns:CreateTopic": Scope((_TOPIC,)),
    "sns:DeleteTopic": Scope((_TOPIC,), _OURS),
    "sns:SetTopicAttributes": Scope((_TOPIC,)),
    "sns:Subscribe": Scope((_TOPIC,)),
    "sns:TagResource": Scope((_TOPIC,)),
    "sns:Unsubscribe": Scope((_TOPIC,)),
    "sqs:ChangeMessageVisibility": _QUEUE,
    "sqs:DeleteMessage": _QUEUE,
    "sqs:PurgeQueue": _QUEUE,
    "sqs:ReceiveMessage": _QUEUE,
    "sqs:SendMessage": _QUEUE,
    "ssm:DeleteParameters": _RELEASES,
    "ssm:PutParameter": _RELEASES,
}
