"""Repositories with the images of task definitions and of commits.

AWS: a task starts only when its image can be pulled, so whatever ran has been in its repository.
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_cannot_pull_image.html

moto: pulls nothing, and its repositories are empty until somebody pushes. On a laptop nobody does,
because commands are run instead of images: `ops check --live` and `ops images list` would find
none.

Closed: a repository returns the images of all task definitions that name it, as if they had been
pushed at the first request. It also has an image for each tag that names a commit, because a
container of it runs that commit's code (`ops.local.run.code`); so its release can be rehearsed.
Such an image has no layers, and the API says so.
https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_GetDownloadUrlForLayer.html
"""

from __future__ import annotations

import hashlib
import json
import re
from functools import wraps
from typing import TYPE_CHECKING, Any

from moto.core.exceptions import ServiceException
from moto.ecr.models import ECRBackend, ecr_backends
from moto.ecr.responses import ECRResponse
from moto.ecs.models import ecs_backends

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_IMAGE = re.compile(r"(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.[^/]+/([^:@]+):([^@]+)")
_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
_LAYER = "application/vnd.docker.image.rootfs.diff.tar.gzip"
_ASKING = ("batch_get_image", "describe_images", "list_images")


class _LayersNotFoundError(ServiceException):
    code = "LayersNotFoundException"


class _Commits:
    """The commits that images may be of, set by `ops local` for its workspace."""

    names: Callable[[], Iterable[str]] = staticmethod(lambda: ())
    is_one: Callable[[str], bool] = staticmethod(lambda _tag: False)


def stand_for(names: Callable[[], Iterable[str]], is_one: Callable[[str], bool]) -> None:
    """Set the git tags, which lists of images show, and whether a tag names a commit."""
    _Commits.names, _Commits.is_one = staticmethod(names), staticmethod(is_one)


def digest_of(image: str) -> str | None:
    """Return the digest of an image of a repository here; None for any other image."""
    match = _IMAGE.fullmatch(image)
    if match is None:
        return None
    backend: ECRBackend = ecr_backends[match[1]][match[2]]
    _push(backend, match[3], (match[4],))
    repository = backend.repositories.get(match[3])
    images = repository.images if repository else ()
    return next((stored.image_digest for stored in images if match[4] in stored.image_tags), None)


def _tags_of(backend: ECRBackend, repository: str) -> Iterator[str]:
    families = ecs_backends[backend.account_id][backend.region_name].task_definitions.values()
    here = (backend.account_id, backend.region_name, repository)
    for revisions in list(families):
        for definition in list(revisions.values()):
            for container in definition.container_definitions:
                match = _IMAGE.fullmatch(str(container.get("image", "")))
                if match and match.groups()[:3] == here:
                    yield match[4]


def _push(backend: ECRBackend, name: str, named: Iterable[str]) -> None:
    """Add the images that are missing. `named` are tags that somebody asks for."""
    repository = backend.repositories.get(name)
    if repository is None:
        return
    known = {tag for image in repository.images for tag in image.image_tags}
    commits = {*_Commits.names(), *(tag for tag in named if tag and _Commits.is_one(tag))}
    for tag in sorted({*_tags_of(backend, name), *commits} - known):
        digest = f"sha256:{hashlib.sha256(f'{name}:{tag}'.encode()).hexdigest()}"
        config = {"mediaType": _MANIFEST, "size": 0, "digest": digest}
        # moto makes the image's digest from those of its layers: two tags are two images.
        layer = {"mediaType": _LAYER, "size": 0, "digest": config["digest"]}
        manifest = {"schemaVersion": 2, "mediaType": _MANIFEST, "config": config, "layers": [layer]}
        backend.put_image(name, json.dumps(manifest), tag, _MANIFEST)


def _after_push(method: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(method)
    def ask(self: ECRBackend, repository_name: str, *args: Any, **kwargs: Any) -> Any:
        named = [image_id.get("imageTag", "") for image_id in kwargs.get("image_ids") or ()]
        _push(self, repository_name, named)
        return method(self, repository_name, *args, **kwargs)

    ask.closed = True  # type: ignore[attr-defined]  # a mark, so that closing twice does no harm
    return ask


def _no_layer(self: ECRResponse) -> Any:
    digest = self._get_param("layerDigest")
    raise _LayersNotFoundError(f"The layer {digest} does not exist within the repository")


def close() -> None:
    """Close the gap: repositories hold the images of task definitions and of commits."""
    for name in _ASKING:
        method = getattr(ECRBackend, name)
        if not hasattr(method, "closed"):
            setattr(ECRBackend, name, _after_push(method))
    ECRResponse.get_download_url_for_layer = _no_layer  # type: ignore[method-assign]
