"""The CloudWatch metrics of an SQS queue. Pure.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
"""

from typing import NamedTuple


class Metric(NamedTuple):
    """A metric of a queue, minute by minute."""

    name: str
    statistic: str


AGE = Metric("ApproximateAgeOfOldestMessage", "Maximum")
SENT = Metric("NumberOfMessagesSent", "Sum")
DELETED = Metric("NumberOfMessagesDeleted", "Sum")
VISIBLE = Metric("ApproximateNumberOfMessagesVisible", "Maximum")
IN_FLIGHT = Metric("ApproximateNumberOfMessagesNotVisible", "Maximum")
DELAYED = Metric("ApproximateNumberOfMessagesDelayed", "Maximum")
