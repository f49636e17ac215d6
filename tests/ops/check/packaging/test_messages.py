"""Recorded output of Copilot 1.34.1, and the findings that are made from it."""

from __future__ import annotations

from pathlib import Path

import pytest

from ops.check.packaging.messages import Message, is_about_account, messages
from ops.check.packaging.places import place_of
from ops.copilot.workspace.document import parse_document

MANIFEST = b"""\
name: web
type: Load Balanced Web Service
image:
  location: a
  port: 80
  depends_on: {side: complete}
http:
  path: /
  additional_rules:
    - path: a
sidecars:
  side:
    image: a
    mount_points:
      - path: /a
variables:
  A: 1
on:
  schedule: often
"""
CASES = {
    'validate "sidecars[side]": validate "mount_points[0]": "source_volume" must be specified': 15,
    'validate "http": validate "additional_rules[0]": "name" must be specified': 10,
    'unmarshal "variables": cannot unmarshal field to a string or into a map': 16,
    "validate web container dependencies status: essential container side can only have status "
    "START or HEALTHY": 3,
    'containers "web" and "side" are exposing the same port 80': 3,
    "container nobody does not exist": 1,
    "convert schedule for job job: schedule is not valid cron, rate, or preset: expected exactly 5 "
    "fields, found 1: [often]": 19,
    "Windows is not supported for App Runner services": 1,
}


@pytest.mark.parametrize("text", CASES)
def test_a_message_leads_to_its_line(text: str) -> None:
    document = parse_document(MANIFEST, Path("manifest.yml"))
    assert document.problem(place_of(text, document.root), "").line == CASES[text]


def test_each_line_that_go_cannot_read_is_an_error_of_its_own() -> None:
    output = """\
✘ unmarshal service web manifest: unmarshal manifest for Load Balanced Web Service: yaml: unmarshal errors:
  line 4: cannot unmarshal !!str `a` into int
  line 9: cannot unmarshal !!seq into string
"""  # noqa: E501
    assert list(messages(output)) == [
        Message("cannot unmarshal !!str `a` into int", 4),
        Message("cannot unmarshal !!seq into string", 9),
    ]


def test_a_line_of_the_template_is_no_line_of_the_manifest() -> None:
    output = (
        "✘ generate workload worker template against environment test: generate stack template: "
        "apply task definition overrides: unmarshal YAML template: yaml: line 104: found character "
        "that cannot start any token"
    )
    [message] = messages(output)
    assert message.line is None
    assert message.text.startswith("apply task definition overrides: ")


def test_the_manifest_of_another_workload_is_named() -> None:
    output = (
        "✘ list services in the workspace: read manifest for workload api: unmarshal manifest file "
        'to retrieve "name": yaml: unmarshal errors:\n  line 3: cannot unmarshal !!seq into string'
    )
    assert list(messages(output)) == [Message("cannot unmarshal !!seq into string", 3, "api")]


def test_a_crash_is_one_line() -> None:
    output = """\
panic: runtime error: invalid memory address or nil pointer dereference
[signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0x1043935]

goroutine 1 [running]:
github.com/aws/copilot-cli/internal/pkg/manifest.LoadBalancedWebServiceConfig.validate({{{{{...}
\t/codebuild/output/src2667821164/src/internal/pkg/manifest/validate.go:253 +0x4d5
"""
    [message] = messages(output)
    assert message.text == (
        "Copilot crashes: runtime error: invalid memory address or nil pointer dereference "
        "(manifest/validate.go:253)"
    )


def test_what_only_the_account_knows_is_not_the_files_mistake() -> None:
    domain = (
        "To use `http.alias`, your application must be associated with a domain.\n"
        "✘ generate workload web template against environment test: validate ALB runtime "
        'configuration for "http": cannot specify "alias" when application is not associated'
    )
    wrong = '✘ validate manifest against environment "test": validate "http": "path" must be set'
    assert is_about_account(domain)
    assert not is_about_account(f"{domain}\n{wrong}")
