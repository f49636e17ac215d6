"""Celery's log line about a rejected message, in words that are true for SQS.

Celery says "ignored and discarded" and "deleted". A rejected message of SQS is not deleted: it
is delivered again and, after `maxReceiveCount` times, moved to the dead-letter queue.
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html
"""

import logging

_LOGGER = "celery.worker.consumer.consumer"
_KEPT = "It stays in the queue: SQS delivers it again, then moves it to the dead-letter queue."
_WORDS = {
    "The message has been ignored and discarded.": f"The message has been rejected. {_KEPT}",
    "Received and deleted unknown message.": f"Received and rejected unknown message. {_KEPT}",
}


class RejectionWords(logging.Filter):
    """Corrects the text of a record, and lets every record pass."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.msg, str):
            for celerys, ours in _WORDS.items():
                record.msg = record.msg.replace(celerys, ours)
        return True


def correct() -> None:
    """Correct Celery's log lines from now on. A second call changes nothing."""
    logger = logging.getLogger(_LOGGER)
    if not any(isinstance(installed, RejectionWords) for installed in logger.filters):
        logger.addFilter(RejectionWords())
