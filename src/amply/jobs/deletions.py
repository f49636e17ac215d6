"""Deletes the messages of finished tasks, ten in a call.

kombu 5.7.0 deletes each by a call of its own, for which the worker's event loop waits: two thirds
of its time. Here they wait for one another, for a twentieth of a second at most. A worker that is
killed meanwhile leaves them to SQS, which delivers them again, as it may at any time.
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_DeleteMessageBatch.html
"""

import logging
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from botocore.exceptions import BotoCoreError, ClientError

logger = logging.getLogger(__name__)

LONGEST_WAIT_SECONDS = 0.05
_MOST = 10  # that one call takes

Entry = Mapping[str, str]


def is_denied(error: ClientError | BotoCoreError) -> bool:
    """Return True if a permission is missing, which only people can give."""
    return isinstance(error, ClientError) and error.response["Error"]["Code"] == "AccessDenied"


class Source(NamedTuple):
    """A queue, by kombu's name and by its URL."""

    name: str
    url: str


class Deletions:
    """The messages of a channel that wait for their deletion.

    `delete` calls DeleteMessageBatch and returns its answer; `call_later` starts a timer.
    """

    def __init__(
        self,
        delete: Callable[[Source, Sequence[Entry]], Mapping[str, Any]],
        call_later: Callable[[float, Callable[[], None]], Any],
    ) -> None:
        self._delete = delete
        self._call_later = call_later
        self._timer: Any = None
        self._waiting: defaultdict[Source, list[str]] = defaultdict(list)

    def add(self, source: Source, receipt_handle: str) -> None:
        """Delete a message soon."""
        waiting = self._waiting[source]
        waiting.append(receipt_handle)
        if len(waiting) == _MOST:
            self.flush()
        elif self._timer is None:
            self._timer = self._call_later(LONGEST_WAIT_SECONDS, self.flush)

    def flush(self) -> None:
        """Delete now what waits. SQS delivers again what it does not delete."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        waiting, self._waiting = self._waiting, defaultdict(list)
        for source, handles in waiting.items():
            entries = [
                {"Id": str(at), "ReceiptHandle": handle} for at, handle in enumerate(handles)
            ]
            try:
                answer = self._delete(source, entries)
            except (ClientError, BotoCoreError) as error:
                level = logging.ERROR if is_denied(error) else logging.WARNING
                logger.log(level, "%d finished messages were not deleted: %s", len(entries), error)
                continue
            for failed in answer.get("Failed", ()):
                # Most of these were delivered again before their task ended.
                logger.warning("A finished message was not deleted: %s", failed.get("Code"))
