"""The committed files in an application with a domain: HTTPS, and a redirect to it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
import pytest

from tests.workspace.conftest import Workspace
from tests.workspace.rendering import REGION, Stack, package_parameters, read

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.workspace.conftest import Rendered

_APPLICATION = "/copilot/applications/amply"


@pytest.fixture
def with_domain(
    embedded_aws: Mapping[str, str], rendered: Rendered, tmp_path: Path
) -> Iterator[Workspace]:
    """Return the workspace after `copilot app init --domain`."""
    session = boto3.Session(
        embedded_aws["AWS_ACCESS_KEY_ID"], embedded_aws["AWS_SECRET_ACCESS_KEY"], region_name=REGION
    )
    ssm = session.client("ssm", endpoint_url=embedded_aws["AWS_ENDPOINT_URL"])
    before = ssm.get_parameter(Name=_APPLICATION)["Parameter"]["Value"]
    domain = {"domain": "example.org", "domainHostedZoneID": "Z1"}
    after = json.dumps(json.loads(before) | domain)
    ssm.put_parameter(Name=_APPLICATION, Value=after, Overwrite=True)
    shutil.copytree(Path(__file__).parents[2] / "copilot", tmp_path / "copilot")
    yield Workspace(tmp_path, embedded_aws)
    ssm.put_parameter(Name=_APPLICATION, Value=before, Overwrite=True)


@pytest.mark.parametrize("environment", ["prod", "staging"])
def test_a_domain_brings_https(with_domain: Workspace, environment: str) -> None:
    output = with_domain.directory / "rendered"
    into = ("--env", environment, "--output-dir", str(output))
    with_domain.copilot("svc", "package", "--name", "api", *into)
    with_domain.copilot("env", "package", "--name", environment, "--output-dir", str(output))
    parameters = package_parameters(output / f"api-{environment}.params.json")
    parameters["AddonsTemplateURL"] = "https://addons.example/template.yml"
    api = read(output / f"api-{environment}.stack.yml", parameters)
    assert parameters["HTTPSEnabled"] == "true"
    assert actions(api, "HTTPSListenerRule") == ["forward"]
    assert actions(api, "HTTPListenerRuleWithDomain") == ["redirect"]
    assert hosts(api) == {f"api.import amply-{environment}-SubDomain"}


def actions(api: Stack, rule: str) -> list[str]:
    return [each["Type"] for each in api.items(f"{rule}/Actions")]


def hosts(api: Stack) -> set[str]:
    conditions = api.items("HTTPSListenerRule/Conditions")
    return {
        host
        for each in conditions
        if each["Field"] == "host-header"
        for host in each["HostHeaderConfig"]["Values"]
    }
