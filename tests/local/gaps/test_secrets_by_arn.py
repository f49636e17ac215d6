"""Secrets whose names look like the end of a complete ARN."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from collections.abc import Callable


def create(client: Any, name: str) -> tuple[str, str]:  # noqa: ANN401  # boto3's
    """Create a secret; return its complete ARN and its partial one."""
    arn: str = client.create_secret(Name=name, SecretString="x")["ARN"]
    return arn, arn.rsplit("-", 1)[0]


@pytest.mark.parametrize("suffix", ["secret", "SECRET", "abc123", "Yi6mvL"])
def test_moto_still_finds_what_aws_does_not(
    moto: Callable[[str], Any], name: str, suffix: str
) -> None:
    client = moto("secretsmanager")
    _, partial = create(client, f"{name}-{suffix}")
    assert client.describe_secret(SecretId=partial)["Name"] == f"{name}-{suffix}"


@pytest.mark.parametrize("suffix", ["secret", "SECRET", "abc123", "Yi6mvL"])
@pytest.mark.parametrize("operation", ["describe_secret", "get_secret_value"])
def test_a_partial_arn_that_looks_complete_is_not_found(
    embedded: Callable[[str], Any], name: str, suffix: str, operation: str
) -> None:
    client = embedded("secretsmanager")
    complete, partial = create(client, f"{name}-{suffix}")
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        getattr(client, operation)(SecretId=partial)
    for found in (complete, f"{name}-{suffix}"):
        assert getattr(client, operation)(SecretId=found)["Name"] == f"{name}-{suffix}"


@pytest.mark.parametrize("ending", ["-secrets", "-key", "_secret", "secret"])
def test_any_other_partial_arn_is_found(
    embedded: Callable[[str], Any], name: str, ending: str
) -> None:
    client = embedded("secretsmanager")
    _, partial = create(client, f"{name}{ending}")
    assert client.describe_secret(SecretId=partial)["Name"] == f"{name}{ending}"
