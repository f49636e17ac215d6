"""Request-Driven Web Services, which run on App Runner."""

import re
from collections.abc import Iterator

from ops.check.finding import Hit, Severity
from ops.check.registry import rule
from ops.check.subject.model import Subject
from ops.check.subject.plain import dig, text
from ops.copilot.workload import APP_RUNNER

_RUNNER = "https://aws.github.io/copilot-cli/docs/manifest/rd-web-service/"

# aws/copilot-cli, internal/pkg/aws/apprunner/apprunner.go, DetermineImageRepositoryType.
_ECR = re.compile(r"\d{12}\.dkr\.ecr\.[^.]+\.amazonaws\.com/.*|public\.ecr\.aws/.*", re.DOTALL)


@rule(Severity.ERROR, f"{_RUNNER}#image-location")
def app_runner_image(subject: Subject) -> Iterator[Hit]:
    """A Request-Driven Web Service takes its image from a registry other than ECR or ECR Public.

    Why: Copilot refuses it: App Runner pulls only from ECR and ECR Public.

    Fix: Push the image to ECR, or build it.
    """
    for variant in subject.variants(APP_RUNNER):
        location = text(dig(variant.data, "image", "location"))
        if location is not None and "$" not in location and not _ECR.fullmatch(location):
            yield variant.hit(("image", "location"), f"`{location}` is not in ECR")


@rule(Severity.ERROR, f"{_RUNNER}#platform")
def app_runner_platform(subject: Subject) -> Iterator[Hit]:
    """A Request-Driven Web Service names a platform.

    Why: Copilot refuses it: 1.34.1 takes no platform here, not even App Runner's own.

    Fix: Remove `platform`; App Runner runs only Linux on x86_64.
    """
    for variant in subject.variants(APP_RUNNER):
        if dig(variant.data, "platform") is not None:
            yield variant.hit(("platform",), "`platform` of a Request-Driven Web Service")


@rule(Severity.ERROR, f"{_RUNNER}#network-vpc-placement")
def app_runner_placement(subject: Subject) -> Iterator[Hit]:
    """A Request-Driven Web Service is placed in public subnets.

    Why: Copilot refuses the manifest: a placement connects App Runner to private subnets.

    Fix: Write `placement: private`, or remove it.
    """
    for variant in subject.variants(APP_RUNNER):
        at = ("network", "vpc", "placement")
        if dig(variant.data, *at) == "public":
            yield variant.hit(at, "the placement is `public`")
