"""Static sites, which CloudFront serves from S3."""

from collections.abc import Iterator

from ops.check.files.submodules import exists, unfetched
from ops.check.finding import Hit, Severity
from ops.check.registry import rule
from ops.check.subject.model import Subject
from ops.check.subject.plain import dig, listed, region_of
from ops.copilot.workload import STATIC

_SITE = "https://aws.github.io/copilot-cli/docs/manifest/static-site/"
_CLOUDFRONT = "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cnames-and-https-requirements.html"
_REGION = "us-east-1"


@rule(Severity.ERROR, f"{_SITE}#files-source")
def site_source(subject: Subject) -> Iterator[Hit]:
    """A static site uploads a file or a folder that does not exist.

    Why: The deployment fails: Copilot refuses to upload it.

    Fix: Correct the path, which starts at the directory of `copilot/`, or build the file first.
    """
    for variant in subject.variants(STATIC):
        for at, upload in listed(("files",), dig(variant.data, "files")):
            source = dig(upload, "source")
            if not isinstance(source, str) or not source or "$" in source:
                continue
            path = subject.root / source.lstrip("/")
            if not exists(path) and unfetched(subject.root, path) is None:
                yield variant.hit((*at, "source"), f"{source} does not exist")


@rule(Severity.ERROR, f"{_SITE}#http-certificate")
def site_certificate(subject: Subject) -> Iterator[Hit]:
    """A static site has a certificate without an alias, or one outside of us-east-1.

    Why: Copilot refuses the manifest: CloudFront accepts only certificates of us-east-1, for the
    names of its distribution.

    Fix: Add `alias`, and request the certificate in us-east-1.
    """
    for variant in subject.variants(STATIC):
        certificate = dig(variant.data, "http", "certificate")
        if not isinstance(certificate, str) or not certificate or "$" in certificate:
            continue
        if dig(variant.data, "http", "alias") in (None, ""):
            yield variant.hit(("http", "certificate"), "`certificate` without `alias`")
        if region_of(certificate) not in {None, _REGION}:
            message = f"the certificate is in `{region_of(certificate)}`"
            yield variant.hit(("http", "certificate"), message)
