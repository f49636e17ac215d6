"""Images in ECR: the only code that reads them."""

import base64
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from botocore.exceptions import ClientError

from ops.aws.access import Access
from ops.aws.client import Aws, code_of, in_batches, side_by_side
from ops.base.errors import OpsError
from ops.kinds.images.stored.image import Image
from ops.plan.model import Json

_NAMED_AT_ONCE = 100  # the most names that DescribeRepositories takes
_LISTED_AT_ONCE = 1000  # the largest page of DescribeRepositories and of DescribeImages
_PREVIEW_AT_ONCE = 100  # and of GetLifecyclePolicyPreview
_PREVIEW_WAIT = {"Delay": 2, "MaxAttempts": 60}  # seconds between two looks, and looks

# A preview changes nothing, so it is a read here.
ACCESS = Access(
    "ecr",
    reads=(
        "DescribeRepositories",
        "DescribeImages",
        "DescribeImageScanFindings",
        "StartLifecyclePolicyPreview",
        "GetLifecyclePolicyPreview",
    ),
)
# The rest is what `docker push` asks for.
# https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-push-iam.html
PUSH = Access(
    "ecr",
    reads=("GetAuthorizationToken",),
    implied=(
        "ecr:BatchCheckLayerAvailability",
        "ecr:BatchGetImage",
        "ecr:CompleteLayerUpload",
        "ecr:InitiateLayerUpload",
        "ecr:PutImage",
        "ecr:UploadLayerPart",
    ),
)


class Stored:
    """The images of one registry."""

    def __init__(self, aws: Aws) -> None:
        self._client = aws.client(ACCESS)
        self._signing_in = aws.client(PUSH)

    def repositories(self, names: Collection[str]) -> list[Mapping[str, Any]]:
        """Return the repositories that exist, as DescribeRepositories describes them: a call for
        each 100.
        """
        batches = in_batches(sorted(names), _NAMED_AT_ONCE)
        return [
            repository
            for answers in side_by_side(self._described, batches)
            for repository in answers
        ]

    def _described(self, names: Sequence[str]) -> list[Mapping[str, Any]]:
        """Read a batch. If one is missing, ECR returns none of the batch; then list all
        and filter.
        """
        try:
            return list(self._client.describe_repositories(repositoryNames=names)["repositories"])
        except ClientError as error:
            if code_of(error) != "RepositoryNotFoundException":
                raise
            if len(names) == 1:
                return []
        pages = self._client.get_paginator("describe_repositories").paginate(
            PaginationConfig={"PageSize": _LISTED_AT_ONCE}
        )
        everything = [repository for page in pages for repository in page["repositories"]]
        return [repository for repository in everything if repository["repositoryName"] in names]

    def uri(self, repository: str) -> str:
        """Return `<registry>/<repository>`. Raise OpsError if the repository does not exist."""
        for described in self.repositories([repository]):
            return str(described["repositoryUri"])
        raise does_not_exist(repository)

    def images(self, repository: str) -> list[Image]:
        """Return all images of a repository, the newest first: one call for each 1,000."""
        pages = self._client.get_paginator("describe_images").paginate(
            repositoryName=repository, PaginationConfig={"PageSize": _LISTED_AT_ONCE}
        )
        images = [_image(detail) for page in pages for detail in page["imageDetails"]]
        return sorted(images, key=lambda image: image.pushed)[::-1]

    def find(self, repository: str, tag: str) -> Image | None:
        """Return the image with a tag; None if the repository does not have the tag."""
        try:
            answer = self._client.describe_images(
                repositoryName=repository, imageIds=[{"imageTag": tag}]
            )
        except ClientError as error:
            if code_of(error) != "ImageNotFoundException":
                raise
            return None
        return _image(answer["imageDetails"][0])

    def with_findings(self, repository: str, images: Sequence[Image]) -> list[Image]:
        """Add scan findings to the images: one call for each image without a summary.

        Basic scanning in its present form and enhanced scanning omit the summary in DescribeImages,
        and DescribeImageScanFindings takes one image at a time.
        https://docs.aws.amazon.com/AmazonECR/latest/userguide/describe-scan-findings.html
        """

        def complete(image: Image) -> Image:
            if image.findings is not None:
                return image
            return replace(image, findings=self._findings(repository, image))

        return side_by_side(complete, images)

    def _findings(self, repository: str, image: Image) -> Mapping[str, int] | None:
        try:
            answer = self._client.describe_image_scan_findings(
                repositoryName=repository, imageId={"imageDigest": image.digest}, maxResults=1
            )
        except ClientError as error:
            if code_of(error) != "ScanNotFoundException":
                raise
            return None
        severities = answer.get("imageScanFindings", {}).get("findingSeverityCounts")
        ended = answer.get("imageScanStatus", {}).get("status") in ("COMPLETE", "ACTIVE")
        return dict(severities or {}) if ended else None

    def expiring(self, repository: str, policy: Mapping[str, Json]) -> frozenset[str]:
        """Return the digests that a policy would expire immediately, from ECR's own preview.

        https://docs.aws.amazon.com/AmazonECR/latest/userguide/lpp_creation.html
        """
        ask = {"repositoryName": repository}
        try:
            self._client.start_lifecycle_policy_preview(
                **ask, lifecyclePolicyText=json.dumps(policy)
            )
        except ClientError as error:
            if code_of(error) != "LifecyclePolicyPreviewInProgressException":
                raise
            raise _another_preview(repository) from error
        waiter = self._client.get_waiter("lifecycle_policy_preview_complete")
        waiter.wait(**ask, WaiterConfig=_PREVIEW_WAIT)
        pages = self._client.get_paginator("get_lifecycle_policy_preview").paginate(
            **ask, PaginationConfig={"PageSize": _PREVIEW_AT_ONCE}
        )
        digests = set[str]()
        for page in pages:
            if json.loads(page["lifecyclePolicyText"]) != policy:
                raise _another_preview(repository)
            digests.update(
                result["imageDigest"]
                for result in page["previewResults"]
                if result["action"]["type"] == "EXPIRE"
            )
        return frozenset(digests)

    def password(self) -> str:
        """Return the password for `docker login --username AWS`, valid for twelve hours."""
        [answer] = self._signing_in.get_authorization_token()["authorizationData"]
        token: str = base64.b64decode(answer["authorizationToken"]).decode()
        return token.partition(":")[2]


def does_not_exist(repository: str) -> OpsError:
    """Return the error for a declared repository that was not created yet."""
    return OpsError(f"The repository `{repository}` does not exist yet", "Run `ops images sync`.")


def _another_preview(repository: str) -> OpsError:
    return OpsError(
        f"Another preview of a lifecycle policy of `{repository}` is in progress",
        "Run the same command again in a minute.",
    )


def _image(details: Mapping[str, Any]) -> Image:
    summary = details.get("imageScanFindingsSummary")
    return Image(
        digest=details["imageDigest"],
        tags=tuple(sorted(details.get("imageTags", ()))),
        pushed=details["imagePushedAt"],
        size=details.get("imageSizeInBytes"),
        pulled=details.get("lastRecordedPullTime"),
        findings=None if summary is None else dict(summary.get("findingSeverityCounts", {})),
    )
