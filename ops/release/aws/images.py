"""The images in ECR for a release: the only code of a release that reads them."""

import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.request import urlopen

from ops.aws.access import Access
from ops.aws.client import Aws, AwsError
from ops.base.errors import OpsError
from ops.kinds.images.stored.remote import Stored
from ops.release.decisions.model import Image
from ops.release.decisions.platforms import platform_of_config, platforms_of_index

# An index stands for one image a platform, and a task may report either digest.
# https://github.com/opencontainers/image-spec/blob/main/image-index.md
ACCESS = Access("ecr", reads=("BatchGetImage", "GetDownloadUrlForLayer"))
_INDEXES = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
)
_MANIFESTS = (
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
)
_PATIENCE = 30  # seconds for an image's configuration, a few kilobytes


class Images:
    """The images of one repository."""

    def __init__(self, aws: Aws, repository: str) -> None:
        self._client: Any = aws.client(ACCESS)
        self._stored = Stored(aws)
        self.repository = repository
        self.uri = self._stored.uri(repository)

    def find(self, tag: str) -> Image | None:
        """Return the image with a tag; None if the repository does not have the tag."""
        stored = self._stored.find(self.repository, tag)
        if stored is None:
            return None
        return Image(tag, stored.digest, self._platforms(tag))

    def require(self, tag: str) -> Image:
        """Return the image with a tag. Raise OpsError if the repository does not have the tag."""
        if (image := self.find(tag)) is None:
            raise OpsError(
                f"The repository {self.repository} has no image `{tag}`",
                "`ops images list` lists the existing tags.",
            )
        return image

    def platforms(self, tag: str) -> frozenset[str]:
        """Return the platforms of an image, such as `linux/amd64`; empty if ECR does not know.

        An index lists them. The platform of a single image is in its configuration, which is
        downloaded from ECR like a layer.
        https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_GetDownloadUrlForLayer.html
        """
        known = frozenset[str]()
        for manifest in self._manifests(tag, (*_INDEXES, *_MANIFESTS)):
            if "manifests" in manifest:
                known |= platforms_of_index(manifest)
            elif digest := manifest.get("config", {}).get("digest"):
                known |= platform_of_config(self._config(digest))
        return known

    def _config(self, digest: str) -> Mapping[str, Any]:
        try:
            answer = self._client.get_download_url_for_layer(
                repositoryName=self.repository, layerDigest=digest
            )
            with urlopen(answer["downloadUrl"], timeout=_PATIENCE) as file:  # noqa: S310  # ECR's
                config: Mapping[str, Any] = json.load(file)
        except (*AwsError, OSError, ValueError):
            return {}
        return config

    def _platforms(self, tag: str) -> frozenset[str]:
        manifests = self._manifests(tag, _INDEXES)
        return frozenset(
            entry["digest"] for manifest in manifests for entry in manifest.get("manifests", ())
        )

    def _manifests(self, tag: str, types: Sequence[str]) -> list[Mapping[str, Any]]:
        answer = self._client.batch_get_image(
            repositoryName=self.repository,
            imageIds=[{"imageTag": tag}],
            acceptedMediaTypes=list(types),
        )
        return [json.loads(image["imageManifest"]) for image in answer["images"]]
