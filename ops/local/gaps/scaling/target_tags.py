"""The tags of a scalable target.

AWS: RegisterScalableTarget sets the tags of a new target, ListTagsForResource returns them.
https://docs.aws.amazon.com/autoscaling/application/APIReference/API_ListTagsForResource.html

moto: drops the tags, and has no ListTagsForResource.
"""

from __future__ import annotations

import functools
import json
from typing import TYPE_CHECKING, Any

from moto.applicationautoscaling.responses import ApplicationAutoScalingResponse

if TYPE_CHECKING:
    from moto.applicationautoscaling.models import ApplicationAutoscalingBackend


def _tags(backend: ApplicationAutoscalingBackend) -> dict[str, dict[str, str]]:
    tags: dict[str, dict[str, str]] = backend.__dict__.setdefault("target_tags", {})
    return tags


def _list_tags_for_resource(self: ApplicationAutoScalingResponse) -> str:
    tags = _tags(self.applicationautoscaling_backend).get(self._get_param("ResourceARN"), {})
    return json.dumps({"Tags": tags})


def close() -> None:
    """Keep the tags of a registered target."""
    original = ApplicationAutoScalingResponse.register_scalable_target
    if hasattr(original, "__wrapped__"):
        return

    @functools.wraps(original)
    def register_scalable_target(self: ApplicationAutoScalingResponse) -> Any:
        answer = original(self)
        if given := self._get_param("Tags"):
            arn = json.loads(answer)["ScalableTargetARN"]
            _tags(self.applicationautoscaling_backend).setdefault(arn, {}).update(given)
        return answer

    ApplicationAutoScalingResponse.register_scalable_target = register_scalable_target  # type: ignore[method-assign]
    ApplicationAutoScalingResponse.list_tags_for_resource = _list_tags_for_resource  # type: ignore[attr-defined]
