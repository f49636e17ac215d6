"""The page size of tagged resources.

AWS: GetResources returns ResourcesPerPage resources a page. Only with TagsPerPage are pages limited
by the number of tags.
https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_GetResources.html

moto: limits every page to 100 tags, about 20 resources of Copilot's.
"""

from __future__ import annotations

import functools
import sys
import threading
from typing import Any

from moto.resourcegroupstaggingapi.models import ResourceGroupsTaggingAPIBackend
from moto.resourcegroupstaggingapi.responses import ResourceGroupsTaggingAPIResponse

_call = threading.local()  # moto answers a call in one thread


def close() -> None:
    """Limit pages by tags only if the call requests it."""
    respond = ResourceGroupsTaggingAPIResponse.get_resources
    original = ResourceGroupsTaggingAPIBackend.get_resources
    if hasattr(original, "__wrapped__"):
        return

    @functools.wraps(respond)
    def get_resources(self: ResourceGroupsTaggingAPIResponse) -> Any:
        _call.counts_tags = self._get_param("TagsPerPage") is not None
        return respond(self)

    @functools.wraps(original)
    def get_page(self: ResourceGroupsTaggingAPIBackend, *rest: Any, **parameters: Any) -> Any:
        if not _call.counts_tags:
            parameters["tags_per_page"] = sys.maxsize
        return original(self, *rest, **parameters)

    ResourceGroupsTaggingAPIResponse.get_resources = get_resources  # type: ignore[method-assign]
    ResourceGroupsTaggingAPIBackend.get_resources = get_page  # type: ignore[method-assign]
