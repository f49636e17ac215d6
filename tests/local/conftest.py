"""An embedded AWS in this process, for tests of its parts."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import pytest
from moto.iam.models import iam_backends

from ops.local.endpoint.server import EmbeddedAws
from ops.local.gaps.cloudformation import stacks as cloudformation
from tests.local.stacks import REGION, Stacks

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedAws]:
    """Yield the embedded AWS. Tests give their resources unique names."""
    with pytest.MonkeyPatch.context() as patch:
        # The server sets them for the process that it runs in; this one has other tests to run.
        patch.setenv("MOTO_IAM_LOAD_MANAGED_POLICIES", "true")
        patch.setenv("MOTO_EC2_LOAD_DEFAULT_AMIS", "false")
        # A test of another folder can have made moto's IAM in this process, without the policies.
        iam_backends.reset()
        embedded = EmbeddedAws(tmp_path_factory.mktemp("aws"), REGION)
        embedded.start()
        yield embedded
        embedded.stop()


@pytest.fixture(scope="session")
def stacks(aws: EmbeddedAws) -> Stacks:
    """Return the embedded AWS's CloudFormation."""
    return Stacks(aws)


@pytest.fixture
def name() -> str:
    """Return a unique name in the embedded AWS."""
    return f"t{uuid.uuid4().hex[:10]}"


@pytest.fixture
def services_settle() -> Iterator[None]:
    """Restore how services settle after a test has changed it."""
    yield
    cloudformation.wait_for_services(lambda _cluster, _service: None)
