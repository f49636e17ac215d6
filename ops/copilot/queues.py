"""The queues that do not exist, found with one call for each thousand of a prefix."""

from collections.abc import Collection
from os.path import commonprefix

from ops.aws.access import Access
from ops.aws.client import Aws

ACCESS = Access("sqs", reads=("ListQueues",))
_PAGE = 1000  # the most that ListQueues gives; without a size it gives no second page


def missing_queues(aws: Aws, names: Collection[str]) -> set[str]:
    """Return the names without a queue in the account and region.

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
