"""Ends that AWS announced, other than runtimes: database versions, App Runner, the download of
Copilot.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from ops.check.ends.dated_ends import dated_ends
from ops.check.files.reading import read_text
from ops.check.finding import Hit, Severity
from ops.check.registry import rule
from ops.check.subject.model import Addon, Subject
from ops.check.subject.plain import dig
from ops.copilot.workload import APP_RUNNER

_DOWNLOAD = re.compile(r"ecs-cli-v2-release\.s3|github\.com/aws/copilot-cli/releases")


@rule(
    Severity.WARNING,
    "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Aurora.VersionPolicy.html",
)
def aurora_version_ended(subject: Subject) -> Iterator[Hit]:
    """RDS no longer creates Aurora clusters of an addon's version.

    Why: A new environment cannot create the cluster.

    Fix: Write a version of `aws rds describe-db-engine-versions --engine ENGINE`. Upgrade existing
    clusters first: CloudFormation upgrades them at the next deployment.
    """
    severity = dated_ends().aurora.severity(subject.today)
    for addon, name, properties in _clusters(subject) if severity else ():
        engine, version = str(properties.get("Engine")), str(properties.get("EngineVersion"))
        if version in dated_ends().aurora_versions.get(engine, ()):
            at = ("Resources", name, "Properties", "EngineVersion")
            yield replace(addon.hit(at, f"{engine} {version}"), severity=severity)


@rule(
    Severity.WARNING,
    "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-serverless.html",
)
def aurora_serverless_v1(subject: Subject) -> Iterator[Hit]:
    """An addon's Aurora cluster is Serverless v1.

    Why: RDS creates none since 2025-03-31, and has upgraded existing clusters. From then on it is
    an error.

    Fix: Use Serverless v2, as `copilot storage init --storage-type Aurora` renders it.
    """
    severity = dated_ends().serverless_v1.severity(subject.today)
    for addon, name, properties in _clusters(subject) if severity else ():
        if properties.get("EngineMode") == "serverless":
            at = ("Resources", name, "Properties", "EngineMode")
            yield replace(addon.hit(at, f"{name} is Serverless v1"), severity=severity)


@rule(
    Severity.WARNING,
    "https://docs.aws.amazon.com/apprunner/latest/dg/apprunner-availability-change.html",
)
def app_runner_closed(subject: Subject) -> Iterator[Hit]:
    """A Request-Driven Web Service runs on App Runner.

    Why: Since 2026-04-30 only accounts that used App Runner can create a service.

    Fix: In a new account use a Load Balanced Web Service.
    """
    severity = dated_ends().app_runner.severity(subject.today)
    for manifest in subject.manifests if severity else ():
        if manifest.type == APP_RUNNER:
            hit = manifest.hit(("type",), "App Runner accepts no new customers")
            yield replace(hit, severity=severity)


@rule(
    Severity.WARNING,
    "https://github.com/aws/copilot-cli",
)
def copilot_download(subject: Subject) -> Iterator[Hit]:
    """A pipeline downloads the Copilot CLI at each run.

    Why: Copilot's support ended on 2026-06-12: the release may disappear.

    Fix: Keep the binary in a bucket or the build's image, and check its digest.
    """
    severity = dated_ends().copilot_download.severity(subject.today)
    for path in _buildspecs(subject.root) if severity else ():
        for number, line in enumerate((read_text(subject.root / path) or "").splitlines(), 1):
            if (match := _DOWNLOAD.search(line)) and not line.lstrip().startswith("#"):
                yield Hit(path, number, f"it downloads from {match[0]}", severity=severity)


def _buildspecs(root: Path) -> list[Path]:
    """Return the buildspecs of pipelines: in their folders, or in `copilot/`, the former place."""
    folder = root / "copilot"
    paths = [*folder.glob("pipelines/*/buildspec.yml"), folder / "buildspec.yml"]
    return sorted(path.relative_to(root) for path in paths)


def _clusters(subject: Subject) -> Iterator[tuple[Addon, str, dict[str, object]]]:
    for addon in subject.addons:
        for name, resource in addon.resources("AWS::RDS::DBCluster"):
            properties = dig(resource, "Properties")
            if isinstance(properties, dict):
                yield addon, name, properties
