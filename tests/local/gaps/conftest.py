"""An unchanged moto, and one whose gaps are closed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.config import Config

from tests.local.fargate.plain_moto import plain_moto
from tests.local.stacks import REGION

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ops.local.endpoint.server import EmbeddedAws


@pytest.fixture(scope="session")
def moto() -> Iterator[Callable[[str], Any]]:
    """Return clients of a moto with none of its gaps closed."""
    with plain_moto() as apis:
        session = boto3.Session("test", "test", region_name=REGION)
        config = Config(retries={"total_max_attempts": 1})
        yield lambda service: session.client(service, endpoint_url=apis.endpoint, config=config)  # type: ignore[call-overload]


@pytest.fixture(scope="session")
def embedded(aws: EmbeddedAws) -> Callable[[str], Any]:
    """Clients of the embedded AWS."""
    return aws.client
