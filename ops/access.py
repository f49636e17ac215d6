"""What a part of `ops` may ask of AWS: said beside the code that asks, and held to."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Access:
    """The operations of one service, by their API names: `DescribeAlarms`, not `describe_alarms`.

    A client made with it refuses every other operation, and refuses `writes` outside of
    `Aws.writing`. `ops iam-policy` is made of these. `implied` are IAM actions that AWS asks for
    beside those of the operations, such as `cloudwatch:TagResource` for tags given at creation.
    """

    service: str  # boto3's name of it
    reads: tuple[str, ...]
    writes: tuple[str, ...] = ()
    implied: tuple[str, ...] = ()
