"""The AWS clients that tasks need, for the embedded endpoint."""

from __future__ import annotations

import threading
from functools import cached_property
from typing import TYPE_CHECKING, Any

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
        client: ECSClient = self._client("ecs")
        return client

    @cached_property
    def elbv2(self) -> ElasticLoadBalancingv2Client:
        """Return the client of Elastic Load Balancing."""
        client: ElasticLoadBalancingv2Client = self._client("elbv2")
        return client

    @cached_property
    def logs(self) -> CloudWatchLogsClient:
        """Return the client of CloudWatch Logs."""
        client: CloudWatchLogsClient = self._client("logs")
        return client

    @cached_property
    def secretsmanager(self) -> SecretsManagerClient:
        """Return the client of Secrets Manager."""
        client: SecretsManagerClient = self._client("secretsmanager")
        return client

    @cached_property
    def ssm(self) -> SSMClient:
        """Return the client of Systems Manager, for its parameters."""
        client: SSMClient = self._client("ssm")
        return client

    def _client(self, service: str) -> Any:
        with self._making:
            session: Any = self._session
            return session.client(service, endpoint_url=self._endpoint, config=self._config)
