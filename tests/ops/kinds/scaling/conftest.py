"""Fixtures of the tests of scaling: the worker's queue exists."""

import boto3
import pytest


@pytest.fixture
def deployed(deployed: dict[str, str]) -> dict[str, str]:
    """Return the environment's and the web's physical ids, with the worker's queue in place."""
    boto3.client("sqs").create_queue(QueueName="shop-prod-jobs")
    return deployed
