"""`ops check --fix` on another team's workspace, packaged by the real CLI before and after."""

from __future__ import annotations

import re
from copy import deepcopy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from ops.__main__ import main
from ops.check.ends.functions import of_environment, of_workload
from ops.check.files.reading import read_subject
from ops.local.cloudformation.template import parse
from tests.workspace.conftest import Workspace
from tests.workspace.rendering import ACCOUNT, REGION

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_ENVIRONMENTS = ("prod", "test")
_PATCHED = " using AWS Copilot with YAML patches."  # what Copilot adds where there are patches
_WORKLOADS = ("web", "plain", "inner", "worker", "site", "job", "runner")
_IMAGE = "image: {location: 'docker.io/library/busybox:1'}\n"
_WEB = _IMAGE.replace("}", ", port: 80}") + "http: {path: '%s'}\n"
_RANGE = "count: {range: 1-3, cpu_percentage: 70}\n"
_DELAY = "{acceptable_latency: 5m, msg_processing_time: 1s}"
_ENVIRONMENT = "type: Environment\n"
_ACCESS_LOGS = "http: {public: {access_logs: true}}\n"
_FILES = {
    "environments/prod/manifest.yml": f"name: prod\n{_ENVIRONMENT}",
    "environments/test/manifest.yml": f"name: test\n{_ENVIRONMENT}",
    "web/manifest.yml": f"name: web\ntype: Load Balanced Web Service\n{_WEB % '/'}{_RANGE}",
    # One environment scales and the other does not, so that one function has no patch that fits.
    "plain/manifest.yml": f"name: plain\ntype: Load Balanced Web Service\n{_WEB % 'plain'}{_RANGE}"
    "environments: {test: {count: 1}}\n",
    "inner/manifest.yml": f"name: inner\ntype: Backend Service\n{_IMAGE}count: 2\n",
    "worker/manifest.yml": f"name: worker\ntype: Worker Service\n{_IMAGE}"
    "subscribe: {topics: []}\n"
    f"count:\n  range: 1-3\n  queue_delay: {_DELAY}\n",
    "job/manifest.yml": f"name: job\ntype: Scheduled Job\n{_IMAGE}on: {{schedule: '@daily'}}\n",
    "site/manifest.yml": "name: site\ntype: Static Site\nfiles: [{source: page.html}]\n",
    "runner/manifest.yml": "name: runner\ntype: Request-Driven Web Service\n"
    f"image: {{location: {ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/runner:1, port: 80}}\n"
    "network: {vpc: {placement: private}}\n",
    # It exists, with its own comment and order.
    "inner/overrides/cfn.patches.yml": "# Ours.\n- op: add\n"
    "  path: /Resources/Service/Properties/ServiceName\n  value: inner  # fixed\n",
}


@dataclass(frozen=True)
class Packages:
    """The templates of every stack before and after the fix, by the name of their file."""

    root: Path
    before: Mapping[str, Any]
    after: Mapping[str, Any]


@pytest.fixture(scope="module")
def packages(embedded_aws: Mapping[str, str], tmp_path_factory: pytest.TempPathFactory) -> Packages:
    workspace = Workspace(tmp_path_factory.mktemp("shop"), embedded_aws)
    for name, text in _FILES.items():
        path = workspace.directory / "copilot" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (workspace.directory / "page.html").write_text("<p>")
    workspace.copilot("app", "init", "fixed")
    for name in _ENVIRONMENTS:
        named = ("--name", name)
        workspace.copilot("env", "init", *named, "--region", REGION, "--default-config")
        workspace.copilot("env", "deploy", *named)
        # The embedded AWS runs no function that empties a bucket. It is packaged, and not deployed.
        path = workspace.directory / "copilot/environments" / name / "manifest.yml"
        path.write_text(path.read_text() + _ACCESS_LOGS)
    before = dict(_packaged(workspace, tmp_path_factory.mktemp("before")))
    assert main(["check", "--fix", "--yes", "--workspace", str(workspace.directory)]) == 0
    after = dict(_packaged(workspace, tmp_path_factory.mktemp("after")))
    return Packages(workspace.directory, before, after)


def _packaged(workspace: Workspace, output: Path) -> Iterator[tuple[str, Any]]:
    into = ("--output-dir", str(output))
    for environment in _ENVIRONMENTS:
        workspace.copilot("env", "package", "--name", environment, *into)
        for name in _WORKLOADS:
            kind = "job" if name == "job" else "svc"
            workspace.copilot(kind, "package", "--name", name, "--env", environment, *into)
    for path in sorted(output.iterdir()):
        # Copilot makes an id for each run, so that its function runs in each deployment.
        text = re.sub(r"UpdateID: \S+", "UpdateID: any", path.read_text())
        text = text.replace(_PATCHED, ".")
        yield path.name, parse(text) if path.suffix == ".yml" else text


def _runtimes(template: Any) -> dict[str, str]:  # noqa: ANN401  # a template
    return {
        name: resource["Properties"]["Runtime"]
        for name, resource in template["Resources"].items()
        if resource["Type"] == "AWS::Lambda::Function"
    }


def test_the_functions_are_those_that_copilot_renders(packages: Packages) -> None:
    subject = read_subject(packages.root)
    expected = {f"{each.name}.env.yml": of_environment(each) for each in subject.environments}
    for manifest in subject.manifests:
        for name in _ENVIRONMENTS:
            expected[f"{manifest.name}-{name}.stack.yml"] = of_workload(manifest.variant(name))
    for file, functions in expected.items():
        assert {each.name for each in functions} == _runtimes(packages.before[file]).keys(), file


def test_runtimes_alone_differ(packages: Packages) -> None:
    assert packages.before.keys() == packages.after.keys()
    for file, template in deepcopy(packages.after).items():
        if not isinstance(template, str):
            for name in _runtimes(template):
                template["Resources"][name]["Properties"]["Runtime"] = "nodejs20.x"
        assert template == packages.before[file], file


def test_every_function_is_patched_that_a_patch_fits(packages: Packages) -> None:
    old = {
        (file, name)
        for file, template in packages.after.items()
        if not isinstance(template, str)
        for name, runtime in _runtimes(template).items()
        if runtime != "nodejs24.x"
    }
    assert old == {("plain-prod.stack.yml", "DynamicDesiredCountFunction")}


def test_the_file_that_was_there_keeps_its_text(packages: Packages) -> None:
    text = (packages.root / "copilot/inner/overrides/cfn.patches.yml").read_text()
    assert text.startswith(_FILES["inner/overrides/cfn.patches.yml"])
