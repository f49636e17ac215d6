"""The AWS clients that tasks need, for the embedded endpoint."""

from __future__ import annotations

import threading
from functools import cached_property
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from mypy_boto3_ecs import ECSClient
    from mypy_boto3_elbv2 import ElasticLoadBalancingv2Client
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_ssm import SSMClient

CREDENTIAL = "embedded"
"""Access key and secret key of the embedded AWS, which checks neither."""


class Clients:
    """boto3 clients, each created on first use. Thread-safe."""

    def __init__(self, endpoint: str, region: str) -> None:
        self._session = boto3.Session(CREDENTIAL, CREDENTIAL, region_name=region)
        self._endpoint = endpoint
        self._config = Config(retries={"total_max_attempts": 2, "mode": "standard"})
        self._making = threading.Lock()

    @cached_property
    def ecs(self) -> ECSClient:
        """Return the client of ECS."""
        with self._making:
            return self._session.client("ecs", endpoint_url=self._endpoint, config=self._config)

    @cached_property
    def elbv2(self) -> ElasticLoadBalancingv2Client:
        """Return the client of Elastic Load Balancing."""
        with self._making:
            return self._session.client("elbv2", endpoint_url=self._endpoint, config=self._config)

    @cached_property
    def logs(self) -> CloudWatchLogsClient:
        """Return the client of CloudWatch Logs."""
        with self._making:
            return self._session.client("logs", endpoint_url=self._endpoint, config=self._config)

    @cached_property
    def secretsmanager(self) -> SecretsManagerClient:
        """Return the client of Secrets Manager."""
        with self._making:
            return self._session.client(
                "secretsmanager", endpoint_url=self._endpoint, config=self._config
            )

    @cached_property
    def ssm(self) -> SSMClient:
        """Return the client of Systems Manager, for its parameters."""
        with self._making:
            return self._session.client("ssm", endpoint_url=self._endpoint, config=self._config)
