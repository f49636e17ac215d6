"""The preview of a lifecycle policy.

AWS: StartLifecyclePolicyPreview evaluates a policy (by default the repository's) without applying
it; GetLifecyclePolicyPreview returns the images that each rule would expire.
https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_StartLifecyclePolicyPreview.html
https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html

moto: has neither call.

Closed for the rules `imageCountMoreThan` and `sinceImagePushed` on any, on untagged, and on tagged
images by prefix. A preview is complete at once. Other rules are refused.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult
from moto.ecr.exceptions import LifecyclePolicyNotFoundException
from moto.ecr.responses import ECRResponse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from moto.ecr.models import Image


class _NotEvaluatedError(ServiceException):
    code = "ValidationException"


class _NoPreviewError(ServiceException):
    code = "LifecyclePolicyPreviewNotFoundException"


def _matches(selection: dict[str, Any], image: Image) -> bool:
    match selection:
        case {"tagStatus": "any"}:
            return True
        case {"tagStatus": "untagged"}:
            return not image.image_tags
        case {"tagStatus": "tagged", "tagPrefixList": prefixes}:
            return all(any(tag.startswith(p) for tag in image.image_tags) for p in prefixes)
        case _:
            raise _NotEvaluatedError(f"not evaluated here: {selection}")


def _too_many(selection: dict[str, Any], newest_first: list[Image]) -> list[Image]:
    match selection:
        case {"countType": "imageCountMoreThan", "countNumber": number}:
            return newest_first[number:]
        case {"countType": "sinceImagePushed", "countUnit": "days", "countNumber": days}:
            since = (datetime.now(UTC) - timedelta(days=days)).timestamp()
            return [image for image in newest_first if image.image_pushed_at < since]
        case _:
            raise _NotEvaluatedError(f"not evaluated here: {selection}")


def _evaluated(policy: dict[str, Any], images: list[Image]) -> Iterator[dict[str, Any]]:
    """Return the expiring images. A rule ignores images that an earlier rule matched."""
    # moto counts whole seconds: of one second's images the last one put is the newest.
    newest_first = sorted(images, key=lambda image: image.image_pushed_at)[::-1]
    left = newest_first
    for rule in sorted(policy["rules"], key=lambda rule: rule["rulePriority"]):
        selection = rule["selection"]
        matching = [image for image in left if _matches(selection, image)]
        left = [image for image in left if image not in matching]
        for image in _too_many(selection, matching):
            yield {
                "imageTags": image.image_tags,
                "imageDigest": image.image_digest,
                "imagePushedAt": image.image_pushed_at,
                "action": {"type": "EXPIRE"},
                "appliedRulePriority": rule["rulePriority"],
            }


def _start(self: ECRResponse) -> ActionResult:
    name, registry = self._get_param("repositoryName"), self._get_param("registryId")
    repository = self.ecr_backend._get_repository(name, registry)
    text = self._get_param("lifecyclePolicyText") or repository.lifecycle_policy
    if not text:
        raise LifecyclePolicyNotFoundException(name, repository.registry_id)
    results = list(_evaluated(json.loads(text), repository.images))
    vars(repository)["preview"] = {
        "registryId": repository.registry_id,
        "repositoryName": name,
        "lifecyclePolicyText": text,
        "status": "COMPLETE",
        "previewResults": results,
        "summary": {"expiringImageTotalCount": len(results)},
    }
    shown = ("registryId", "repositoryName", "lifecyclePolicyText")
    return ActionResult(
        {key: vars(repository)["preview"][key] for key in shown} | {"status": "IN_PROGRESS"}
    )


def _get(self: ECRResponse) -> ActionResult:
    name, registry = self._get_param("repositoryName"), self._get_param("registryId")
    repository = self.ecr_backend._get_repository(name, registry)
    if "preview" not in vars(repository):
        raise _NoPreviewError(f"{name} has no preview")
    return ActionResult(vars(repository)["preview"])


def close() -> None:
    """Add both calls."""
    ECRResponse.start_lifecycle_policy_preview = _start  # type: ignore[attr-defined]
    ECRResponse.get_lifecycle_policy_preview = _get  # type: ignore[attr-defined]
