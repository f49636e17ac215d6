"""Finding out which SQS queues exist: a call for each thousand whose names begin alike."""

from collections.abc import Collection
from os.path import commonprefix

from ops.aws.access import Access
from ops.aws.client import Aws

ACCESS = Access("sqs", reads=("ListQueues",))
_PAGE = 1000  # the most that ListQueues gives; without a size it gives no second page


def missing_queues(aws: Aws, names: Collection[str]) -> set[str]:
    """Return those of the names that no queue of the account and region has.

    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ListQueues.html
    """
    prefix = commonprefix(list(names))  # noqa: RUF071  # of names; SQS knows no paths
    begin = {"QueueNamePrefix": prefix} if prefix else {}
    pages = aws.client(ACCESS).get_paginator("list_queues")
    existing = {
        url.rsplit("/", 1)[-1]
        for page in pages.paginate(PaginationConfig={"PageSize": _PAGE}, **begin)
        for url in page.get("QueueUrls", ())
    }
    return set(names) - existing
