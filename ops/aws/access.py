"""Declarations of the AWS calls that a part of `ops` makes, next to that code and enforced."""

from dataclasses import dataclass

# Whoever registers a scalable target of ECS, or puts a policy or a scheduled action on one, must
# be allowed what Application Auto Scaling will then do. It tries, and refuses the request.
# https://docs.aws.amazon.com/autoscaling/application/userguide/security_iam_permission_validation.html
# https://docs.aws.amazon.com/autoscaling/application/userguide/security_iam_id-based-policy-examples.html
SCALES_ECS = (
    "ecs:DescribeServices",
    "ecs:UpdateService",
    "cloudwatch:DescribeAlarms",
    "cloudwatch:PutMetricAlarm",
    "cloudwatch:DeleteAlarms",
)


@dataclass(frozen=True)
class Access:
    """The operations of one service, by their API names: `DescribeAlarms`, not `describe_alarms`.

    A client made with it refuses every other operation, and refuses `writes` outside of
    `Aws.writing`. `ops iam-policy` is generated from these. `implied` are IAM actions that AWS
    requires besides those of the operations, such as `cloudwatch:TagResource` for tags given at
    creation. `roles` is the ARN, with wildcards, of roles in other accounts that the operations
    assume. No policy includes it by default, because such a role may allow more.
    """

    service: str  # botocore's name of it
    reads: tuple[str, ...]
    writes: tuple[str, ...] = ()
    implied: tuple[str, ...] = ()
    roles: str | None = None
