"""The images of task definitions, in the repositories that they name.

AWS: a task starts only when its image can be pulled, so whatever ran has been in its repository.
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_cannot_pull_image.html

moto: pulls nothing, and its repositories are empty until somebody pushes. On a laptop nobody does,
for commands are run and not images: `ops check --live` and `ops images list` would miss them all.

Closed: whoever asks a repository for its images finds those of all task definitions that name it,
as if they had been pushed when they were first asked for.
"""

from __future__ import annotations

import json
import re
from functools import wraps
from typing import TYPE_CHECKING, Any

from moto.ecr.models import ECRBackend
from moto.ecs.models import ecs_backends

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_IMAGE = re.compile(r"(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.[^/]+/([^:@]+):([^@]+)")
_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
_ASKING = ("batch_get_image", "describe_images", "list_images")


def _tags_of(backend: ECRBackend, repository: str) -> Iterator[str]:
    families = ecs_backends[backend.account_id][backend.region_name].task_definitions.values()
    here = (backend.account_id, backend.region_name, repository)
    for revisions in list(families):
        for definition in list(revisions.values()):
            for container in definition.container_definitions:
                found = _IMAGE.fullmatch(str(container.get("image", "")))
                if found and found.groups()[:3] == here:
                    yield found[4]


def _push(backend: ECRBackend, name: str) -> None:
    repository = backend.repositories.get(name)
    if repository is None:
        return
    known = {tag for image in repository.images for tag in image.image_tags}
    for tag in sorted(set(_tags_of(backend, name)) - known):
        config = {"mediaType": _MANIFEST, "size": 0, "digest": f"{name}:{tag}"}
        manifest = {"schemaVersion": 2, "mediaType": _MANIFEST, "config": config, "layers": []}
        backend.put_image(name, json.dumps(manifest), tag, _MANIFEST)


def _after_push(method: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(method)
    def ask(self: ECRBackend, repository_name: str, *args: Any, **kwargs: Any) -> Any:
        _push(self, repository_name)
        return method(self, repository_name, *args, **kwargs)

    ask.closed = True  # type: ignore[attr-defined]  # a mark, so that closing twice does no harm
    return ask


def close() -> None:
    """Close the gap: repositories hold the images of task definitions."""
    for name in _ASKING:
        method = getattr(ECRBackend, name)
        if not hasattr(method, "closed"):
            setattr(ECRBackend, name, _after_push(method))
