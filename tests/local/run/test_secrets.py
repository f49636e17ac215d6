"""The secrets that manifests name, stored where Copilot's roles may read them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from ops.copilot.workspace import load_workspace
from ops.local import assumptions
from ops.local.endpoint.server import ACCOUNT
from ops.local.fargate.clients import Clients
from ops.local.fargate.tasks.secrets import resolve
from ops.local.run.assumed.secrets import seed

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ops.copilot.workspace import Workspace
    from ops.local.endpoint.server import EmbeddedAws

MANIFEST = """\
name: {service}
type: Backend Service
secrets:
  WHOLE:
    secretsmanager: {prefix}/whole
  USER:
    secretsmanager: '{prefix}/db:username::'
  PASSWORD:
    secretsmanager: '{prefix}/db:password::'
  TOKEN: /{prefix}/${{COPILOT_ENVIRONMENT_NAME}}/token
  EXPORTED:
    from_cfn: ${{COPILOT_APPLICATION_NAME}}-arn
environments:
  staging:
    secrets:
      WHOLE:
        secretsmanager: {prefix}/staging/whole
sidecars:
  proxy:
    image: nginx
    secrets:
      CERTIFICATE: {prefix}-certificate
"""
VALUES = {"WHOLE": "w", "USER": "u", "PASSWORD": "p", "TOKEN": "t", "CERTIFICATE": "c"}


@pytest.fixture
def workspace(tmp_path: Path, name: str) -> Workspace:
    """Write two services that share their secrets."""
    (tmp_path / "copilot" / "environments" / "staging").mkdir(parents=True)
    (tmp_path / "copilot" / ".workspace").write_text("application: shop\n")
    (tmp_path / "copilot" / "environments" / "staging" / "manifest.yml").write_text(
        "name: staging\ntype: Environment\n"
    )
    for service in ("web", "job"):
        (tmp_path / "copilot" / service).mkdir()
        manifest = MANIFEST.format(service=service, prefix=name)
        (tmp_path / "copilot" / service / "manifest.yml").write_text(manifest)
    return load_workspace(tmp_path)


def parameter(client: Callable[[str], Any], name: str) -> tuple[str, str, dict[str, str]]:
    ssm = client("ssm")
    found = ssm.get_parameter(Name=name, WithDecryption=True)["Parameter"]
    tags = ssm.list_tags_for_resource(ResourceType="Parameter", ResourceId=name)["TagList"]
    return found["Type"], found["Value"], {tag["Key"]: tag["Value"] for tag in tags}


def test_every_secret_has_its_value_and_copilots_tags(
    aws: EmbeddedAws, workspace: Workspace, name: str
) -> None:
    tags = {"copilot-application": "shop", "copilot-environment": "prod"}
    seeded = seed(workspace, "prod", {}, VALUES, aws.client)
    assert seeded == sorted(
        [f"/{name}/prod/token", f"{name}-certificate", f"{name}/db", f"{name}/whole"]
    )
    assert parameter(aws.client, f"/{name}/prod/token") == ("SecureString", "t", tags)
    assert parameter(aws.client, f"{name}-certificate") == ("SecureString", "c", tags)
    secrets = aws.client("secretsmanager")
    assert secrets.get_secret_value(SecretId=f"{name}/whole")["SecretString"] == "w"
    described = secrets.describe_secret(SecretId=f"{name}/whole")
    assert {tag["Key"]: tag["Value"] for tag in described["Tags"]} == tags


def test_fields_of_one_secret_are_put_together_as_json(
    aws: EmbeddedAws, workspace: Workspace, name: str
) -> None:
    seed(workspace, "prod", {}, VALUES, aws.client)
    text = aws.client("secretsmanager").get_secret_value(SecretId=f"{name}/db")["SecretString"]
    assert json.loads(text) == {"username": "u", "password": "p"}


def test_a_name_with_its_arns_random_characters_is_found_by_that_arn(
    aws: EmbeddedAws, workspace: Workspace, name: str
) -> None:
    for service in ("web", "job"):
        manifest = workspace.root / "copilot" / service / "manifest.yml"
        manifest.write_text(manifest.read_text().replace("/db:", "/db-Yi6mvL:"))
    seed(load_workspace(workspace.root), "prod", {}, VALUES, aws.client)
    arn = f"arn:aws:secretsmanager:{aws.region}:{ACCOUNT}:secret:{name}/db-Yi6mvL"
    text = aws.client("secretsmanager").get_secret_value(SecretId=arn)["SecretString"]
    assert json.loads(text) == {"username": "u", "password": "p"}


def test_a_quoted_arn_of_another_account_is_one_secret(
    aws: EmbeddedAws, workspace: Workspace, name: str
) -> None:
    theirs = f"arn:aws:secretsmanager:us-east-1:339713081433:secret:{name}-db-Yi6mvL"
    for service in ("web", "job"):
        manifest = workspace.root / "copilot" / service / "manifest.yml"
        manifest.write_text(
            manifest.read_text()
            .replace(f"/{name}/${{COPILOT_ENVIRONMENT_NAME}}/token", f"\"'{theirs}:token::'\"")
            .replace(f"{name}-certificate", f"arn:aws:ssm:eu-west-1:1:parameter/{name}/ca")
        )
    seeded = seed(load_workspace(workspace.root), "prod", {}, VALUES, aws.client)
    assert {f"{name}-db-Yi6mvL", f"/{name}/ca"} <= set(seeded)
    reference = {"name": "TOKEN", "valueFrom": f"{theirs}:token::"}
    clients = Clients(aws.endpoint, aws.region)
    assert resolve([reference], clients) == {"TOKEN": "t"}


def test_an_environment_has_its_own_secrets(
    aws: EmbeddedAws, workspace: Workspace, name: str
) -> None:
    seeded = seed(workspace, "staging", {}, VALUES, aws.client)
    assert f"{name}/staging/whole" in seeded
    assert f"/{name}/staging/token" in seeded
    assert f"{name}/whole" not in seeded


def test_the_shell_wins_over_the_file(aws: EmbeddedAws, workspace: Workspace, name: str) -> None:
    seed(workspace, "prod", {"WHOLE": "from the shell"}, VALUES, aws.client)
    found = aws.client("secretsmanager").get_secret_value(SecretId=f"{name}/whole")
    assert found["SecretString"] == "from the shell"


def test_what_has_no_value_is_a_placeholder_that_is_noted(
    aws: EmbeddedAws, workspace: Workspace, name: str
) -> None:
    assumptions.take()
    seed(workspace, "prod", {}, {"WHOLE": "w", "PASSWORD": "p", "CERTIFICATE": "c"}, aws.client)
    noted = "\n".join(assumptions.take())
    assert "the secrets TOKEN and USER are `placeholder`" in noted
    assert "WHOLE" not in noted
    found = aws.client("secretsmanager").get_secret_value(SecretId=f"{name}/whole")
    assert found["SecretString"] == "w"
