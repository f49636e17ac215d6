"""cfn-lint's findings in the rendered templates are only the listed ones of Copilot's."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from tests.workspace.rendering import ENVIRONMENTS, REGION, SERVICES

if TYPE_CHECKING:
    from tests.workspace.conftest import Rendered

_TEMPLATES = [
    "env.addons.yml",
    *(f"{environment}.env.yml" for environment in ENVIRONMENTS),
    *(f"{service}.addons.stack.yml" for service in SERVICES),
    *(f"{s}-{e}.stack.yml" for s in SERVICES for e in ENVIRONMENTS),
]
_DESIRED_COUNT_ROLE = (
    "Resources/DynamicDesiredCountFunctionRole/Properties/Policies/0/PolicyDocument"
)
_MANAGER_ROLE = "Resources/EnvironmentManagerRole/Properties/Policies/0/PolicyDocument"
_CUSTOM_ROLE = "Resources/CustomResourceRole/Properties/Policies/0/PolicyDocument"
_FOR_ALL = "Copilot's templates declare it for every kind of service; this kind has no use for it."
_ORDERED_TWICE = "Copilot says an order that a reference says already; harmless."
_NO_DOMAIN = "Never made: it belongs to a listener with TLS, and the application has no domain."
_UNKNOWN_ACTION = "Copilot grants an action that IAM does not know; it grants nothing."
_KEPT_ROLE = (
    "Copilot keeps the role at deletion only: its name never changes, so nothing replaces it."
)

_ADDONS = "Copilot names the addons' stack where it has addons, and then always gives its address."
COPILOTS = {
    ("W2001", "Parameters/ContainerPort"): _FOR_ALL,
    ("W2001", "Parameters/TargetContainer"): _FOR_ALL,
    ("W2001", "Parameters/HTTPSEnabled"): _FOR_ALL,
    ("W2001", "Parameters/RulePath"): _FOR_ALL,
    ("W8001", "Conditions/HasAssociatedDomain"): _FOR_ALL,
    ("W1001", "Resources/TaskRole/Properties/ManagedPolicyArns/0"): _ADDONS,
    ("W1001", "Resources/TaskRole/Properties/ManagedPolicyArns/1"): _ADDONS,
    ("W1001", "Resources/TaskRole/Properties/ManagedPolicyArns/2"): _ADDONS,
    ("W1001", "Resources/HTTPSListener/Properties/Certificates/0/CertificateArn"): _NO_DOMAIN,
    ("E3676", "Resources/InternalHTTPSListener/Properties"): _NO_DOMAIN,
    ("W3005", "Resources/TaskDefinition/DependsOn"): _ORDERED_TWICE,
    ("W3005", "Resources/EnvironmentManagerRole/DependsOn"): _ORDERED_TWICE,
    ("W3005", "Resources/DelegateDNSAction/DependsOn/0"): _ORDERED_TWICE,
    ("W3005", "Resources/DelegateDNSAction/DependsOn/1"): _ORDERED_TWICE,
    ("W3005", "Resources/HTTPSCert/DependsOn/0"): _ORDERED_TWICE,
    ("W3005", "Resources/HTTPSCert/DependsOn/1"): _ORDERED_TWICE,
    ("W3011", "Resources/CloudformationExecutionRole"): _KEPT_ROLE,
    ("W3011", "Resources/EnvironmentManagerRole"): _KEPT_ROLE,
    ("W3037", f"{_DESIRED_COUNT_ROLE}/Statement/1/Action"): _UNKNOWN_ACTION,
    ("W3037", f"{_MANAGER_ROLE}/Statement/13/Action"): _UNKNOWN_ACTION,
    ("W3037", f"{_CUSTOM_ROLE}/Statement/0/Action"): _UNKNOWN_ACTION,
}
"""Findings that Copilot causes, by rule and place, and why each may stay."""


class Finding(NamedTuple):
    """One line of cfn-lint's report."""

    template: str
    rule: str
    place: str
    message: str


@pytest.fixture(scope="module")
def findings(rendered: Rendered) -> list[Finding]:
    """Return cfn-lint's findings in all templates, from one run."""
    cfn_lint = Path(sys.executable).with_name("cfn-lint")
    run = subprocess.run(
        [cfn_lint, "--format", "json", "--regions", REGION, "--template", *_TEMPLATES],
        cwd=rendered.directory,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return [
        Finding(
            template=finding["Filename"],
            rule=finding["Rule"]["Id"],
            place="/".join(map(str, finding["Location"]["Path"] or [])),
            message=finding["Message"],
        )
        for finding in json.loads(run.stdout)
    ]


@pytest.mark.parametrize("template", _TEMPLATES)
def test_nothing_of_ours(findings: list[Finding], template: str) -> None:
    own = [f for f in findings if f.template == template and (f.rule, f.place) not in COPILOTS]
    assert own == []


def test_every_exception_is_still_needed(findings: list[Finding]) -> None:
    assert COPILOTS.keys() == {(f.rule, f.place) for f in findings} & COPILOTS.keys()


def test_every_template_was_read(rendered: Rendered) -> None:
    rendered_files = {file.name for file in rendered.directory.glob("*.yml")}
    assert rendered_files == set(_TEMPLATES)
