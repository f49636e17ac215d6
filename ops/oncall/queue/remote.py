"""Queues in SQS, and their metrics in CloudWatch: the only code that reads them."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

from ops.aws.access import Access
from ops.aws.client import Aws, code_of, in_batches
from ops.base.errors import OpsError
from ops.oncall.queue.holding import AT_ONCE, is_fifo
from ops.oncall.queue.message import Message, in_calls
from ops.oncall.queue.metrics import AGE, Metric
from ops.oncall.queue.state import QueueState

SQS = Access(
    "sqs",
    ("GetQueueUrl", "GetQueueAttributes"),
    # Receiving a message hides it from its consumer and counts as a delivery.
    (
        "ReceiveMessage",
        "ChangeMessageVisibilityBatch",
        "SendMessageBatch",
        "DeleteMessageBatch",
        "PurgeQueue",
    ),
)
METRICS = Access("cloudwatch", ("GetMetricData",))
_WAIT = 1  # second
_RECENT = timedelta(minutes=10)  # how far back metrics are looked for
_METRICS_AT_ONCE = 500  # the most that GetMetricData takes


class Queues:
    """The queues of one account and region, by name."""

    def __init__(self, aws: Aws) -> None:
        self._client = aws.client(SQS)
        self._metrics = aws.client(METRICS)
        self._urls: dict[str, str] = {}

    def state(
        self, name: str, now: datetime | None = None, dead_letters: str | None = None
    ) -> QueueState:
        """Read a queue: two calls, two for its dead-letter queue, and one for its age if `now` is
        given.

        `dead_letters` is the dead-letter queue that the files name; SQS's own setting takes
        precedence. Raise OpsError if the queue does not exist.
        """
        state = QueueState.from_attributes(name, self._attributes(name))
        if state.dead_letters is None:
            state = replace(state, dead_letters=dead_letters)
        if now is not None:
            state = replace(state, age=self.ages([name], now).get(name))
        if state.dead_letters is None:
            return state
        # A dead-letter queue may be gone or another account's; the queue's own state still counts.
        with suppress(OpsError, ClientError):
            dead = QueueState.from_attributes(name, self._attributes(state.dead_letters))
            return replace(state, dead=dead.messages)
        return state

    def _attributes(self, name: str) -> Mapping[str, str]:
        answer = self._client.get_queue_attributes(QueueUrl=self._url(name), AttributeNames=["All"])
        return dict(answer["Attributes"])

    def _url(self, name: str) -> str:
        if name not in self._urls:
            try:
                self._urls[name] = self._client.get_queue_url(QueueName=name)["QueueUrl"]
            except ClientError as error:
                if not code_of(error).endswith(("NonExistentQueue", "QueueDoesNotExist")):
                    raise
                raise OpsError(
                    f"There is no queue `{name}` in this account and region",
                    "Check `queue:` in the service's ops.yml, --queue, and --region.",
                ) from error
        return self._urls[name]

    def ages(self, names: Iterable[str], now: datetime) -> dict[str, float]:
        """Return how many seconds the oldest message has waited, as far as CloudWatch knows."""
        measured = self.measured([(name, AGE) for name in names], now)
        return {name: values[0] for (name, _), values in measured.items() if values}

    def measured(
        self, metrics: Iterable[tuple[str, Metric]], now: datetime
    ) -> dict[tuple[str, Metric], list[float]]:
        """Return the values of the last ten minutes, the newest first; a call for 500 metrics.

        Empty if CloudWatch has none: SQS reports nothing for an unused queue.
        https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
        """
        values: dict[tuple[str, Metric], list[float]] = {}
        for batch in in_batches(sorted(set(metrics)), _METRICS_AT_ONCE):
            answer = self._metrics.get_metric_data(
                MetricDataQueries=[_query(at, *metric) for at, metric in enumerate(batch)],
                StartTime=now - _RECENT,
                EndTime=now,
                ScanBy="TimestampDescending",
            )
            for result in answer["MetricDataResults"]:
                values[batch[int(result["Id"][1:])]] = [float(value) for value in result["Values"]]
        return values

    def receive(self, name: str, count: int, hidden_for: int) -> list[Message]:
        """Receive up to `count` messages, at most ten, hidden from others for some seconds.

        Wait a second for them, so that SQS asks all its servers and an empty answer means none.
        https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-short-and-long-polling.html
        """
        answer = self._client.receive_message(
            QueueUrl=self._url(name),
            MaxNumberOfMessages=min(count, AT_ONCE),
            VisibilityTimeout=hidden_for,
            WaitTimeSeconds=_WAIT,
            MessageSystemAttributeNames=["All"],
            MessageAttributeNames=["All"],
        )
        return [Message.from_answer(message) for message in answer.get("Messages", [])]

    def release(self, name: str, messages: Sequence[Message]) -> None:
        """Make messages visible again immediately; ignore messages that no longer exist."""
        for batch in in_batches(messages, AT_ONCE):
            self._client.change_message_visibility_batch(
                QueueUrl=self._url(name),
                Entries=[
                    {"Id": str(at), "ReceiptHandle": message.handle, "VisibilityTimeout": 0}
                    for at, message in enumerate(batch)
                ],
            )

    def send(self, name: str, messages: Sequence[Message]) -> dict[str, str]:
        """Send at most ten messages unchanged; return the new IDs of accepted ones by old ID."""
        fifo = is_fifo(name)
        taken: dict[str, str] = {}
        for batch in in_calls(messages):
            answer = self._client.send_message_batch(
                QueueUrl=self._url(name),
                Entries=[
                    {"Id": str(at), **message.as_entry(fifo=fifo)}
                    for at, message in enumerate(batch)
                ],
            )
            for entry in answer.get("Successful", []):
                taken[batch[int(entry["Id"])].id] = entry["MessageId"]
        return taken

    def delete(self, name: str, messages: Sequence[Message]) -> int:
        """Delete at most ten messages; return how many SQS deleted."""
        answer = self._client.delete_message_batch(
            QueueUrl=self._url(name),
            Entries=[
                {"Id": str(at), "ReceiptHandle": message.handle}
                for at, message in enumerate(messages)
            ],
        )
        return len(answer.get("Successful", []))

    def purge(self, name: str) -> None:
        """Delete every message of a queue. SQS takes up to a minute."""
        self._client.purge_queue(QueueUrl=self._url(name))


def _query(at: int, name: str, metric: Metric) -> dict[str, Any]:
    return {
        "Id": f"q{at}",
        "MetricStat": {
            "Metric": {
                "Namespace": "AWS/SQS",
                "MetricName": metric.name,
                "Dimensions": [{"Name": "QueueName", "Value": name}],
            },
            "Period": 60,
            "Stat": metric.statistic,
        },
    }
