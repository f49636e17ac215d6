"""Certificates of the account, each created with the ARN by which a file names it.

https://aws.github.io/copilot-cli/docs/manifest/environment/#http-public-certificates
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from moto.acm.models import acm_backends

from ops.local import assumptions
from ops.local.endpoint.server import ACCOUNT
from ops.local.run.assumed.templates import mentioned

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ops.copilot.workspace import Workspace
    from ops.local.endpoint.server import EmbeddedAws

_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d")
_ARN = re.compile(r"\barn:[\w-]+:acm:[\w-]+:\d{12}:certificate/[\w-]+")


def seed(imported: Iterable[str], names: list[str], workspace: Workspace, aws: EmbeddedAws) -> None:
    """Create the certificates that manifests import, and others that templates and patches name.

    `names` are the domain names of the manifests' aliases.
    """
    given = list(dict.fromkeys(imported))
    for arn in given:
        _create(arn, names, aws)
        assumptions.note(f"the certificate {arn} exists, for {', '.join(names)}")
    others = [arn for arn in mentioned(workspace, _ARN) if arn not in given]
    for arn in others:
        _create(arn, names, aws)
    if others:
        assumptions.note(f"these certificates exist: {', '.join(others)}")


def _create(arn: str, names: list[str], aws: EmbeddedAws) -> None:
    named = arn.split(":")[3] if arn.count(":") >= 5 else ""
    region = named if _REGION.fullmatch(named) else aws.region  # a template may have a blank
    for place in {region, aws.region}:  # Copilot asks in the region of the environment
        generated_arn = aws.client("acm", place).request_certificate(
            DomainName=names[0], ValidationMethod="DNS"
        )["CertificateArn"]
        backend: Any = acm_backends[ACCOUNT][place]
        certificates = backend._certificates  # noqa: SLF001 - moto has no other way to import an ARN
        certificate = certificates.pop(generated_arn)
        certificate.arn, certificate.status = arn, "ISSUED"
        certificate.sans = list(names)  # one account's limit may be higher than moto's 10
        certificates[arn] = certificate
