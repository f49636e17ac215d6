"""The images that a release may deploy, in ECR: the only code of a release that reads them."""

import json
from typing import Any

from ops.aws.access import Access
from ops.aws.client import Aws
from ops.base.errors import OpsError
from ops.kinds.images.stored.remote import Stored
from ops.release.decisions.model import Image

# An index stands for one image a platform, and a task may report either digest.
# https://github.com/opencontainers/image-spec/blob/main/image-index.md
ACCESS = Access("ecr", reads=("BatchGetImage",))
_INDEXES = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
)


class Images:
    """The images of one repository."""

    def __init__(self, aws: Aws, repository: str) -> None:
        self._client: Any = aws.client(ACCESS)
        self._stored = Stored(aws)
        self.repository = repository
        self.uri = self._stored.uri(repository)

    def find(self, tag: str) -> Image | None:
        """Return the image of a tag, or None."""
        stored = self._stored.find(self.repository, tag)
        if stored is None:
            return None
        return Image(tag, stored.digest, self._platforms(tag))

    def require(self, tag: str) -> Image:
        """Return the image of a tag. Raise OpsError if there is none."""
        if (image := self.find(tag)) is None:
            raise OpsError(
                f"The repository {self.repository} has no image `{tag}`",
                "`ops images list` shows those there are.",
            )
        return image

    def _platforms(self, tag: str) -> frozenset[str]:
        answer = self._client.batch_get_image(
            repositoryName=self.repository,
            imageIds=[{"imageTag": tag}],
            acceptedMediaTypes=list(_INDEXES),
        )
        manifests = [json.loads(each["imageManifest"]) for each in answer["images"]]
        return frozenset(
            each["digest"] for manifest in manifests for each in manifest.get("manifests", ())
        )
