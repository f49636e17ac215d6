"""Task counts, limits and queues for manual changes: ECS, Application Auto Scaling and SQS."""

from ops.aws.access import Access
from ops.aws.autoscaling.remote import AutoScaling, scaling_access
from ops.aws.client import Aws
from ops.copilot.place import ServicePlace
from ops.copilot.workload import TaskRange
from ops.kinds.schedules.manual.steps import Count

TASKS = Access("ecs", reads=("DescribeServices",), writes=("UpdateService",))
BOUNDS = scaling_access(reads=("DescribeScalableTargets",), writes=("RegisterScalableTarget",))
QUEUES = Access("sqs", reads=("GetQueueUrl", "GetQueueAttributes"))

# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_GetQueueAttributes.html
_MESSAGES = (
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible",
    "ApproximateNumberOfMessagesDelayed",
)


class TaskCounts:
    """Sets the task counts of services."""

    def __init__(self, aws: Aws) -> None:
        self._tasks = aws.client(TASKS)
        self._scaling = AutoScaling(aws, BOUNDS)
        self._queues = aws.client(QUEUES)

    def count(self, service: ServicePlace) -> Count:
        """Return the desired and running counts of a service."""
        [answer] = self._tasks.describe_services(
            cluster=service.stack.cluster, services=[service.stack.service]
        )["services"]
        return Count(answer["desiredCount"], answer["runningCount"])

    def messages(self, queue: str) -> int:
        """Return the number of messages in a queue: visible, delayed and in flight."""
        url = self._queues.get_queue_url(QueueName=queue)["QueueUrl"]
        attributes = self._queues.get_queue_attributes(
            QueueUrl=url, AttributeNames=list(_MESSAGES)
        )["Attributes"]
        return sum(int(attributes[name]) for name in _MESSAGES)

    def set(self, service: ServicePlace, tasks: TaskRange) -> None:
        """Set the limits first, so that scaling does not undo the count; then set the count."""
        target_id = service.stack.target_id
        if self._scaling.targets([target_id]):
            self._scaling.register(target_id, least=tasks.least, most=tasks.most)
        desired = self.count(service).desired
        count = min(max(desired, tasks.least), tasks.most)
        if count != desired:
            self._tasks.update_service(
                cluster=service.stack.cluster,
                service=service.stack.service,
                desiredCount=count,
            )
