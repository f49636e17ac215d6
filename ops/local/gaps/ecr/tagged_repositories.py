"""ECR repositories in the tag index.

AWS: GetResources returns ECR repositories (`ecr:repository`) by their tags.
https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/supported-services.html

moto: its GetResources does not include ECR.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from moto.core.resource_tagging import TaggedResource, make_tag_matcher, match_resource_type
from moto.ecr.models import ecr_backends
from moto.resourcegroupstaggingapi.models import ResourceGroupsTaggingAPIBackend

if TYPE_CHECKING:
    from collections.abc import Iterator

_TYPE = "ecr:repository"


def close() -> None:
    """Return repositories after all other resources."""
    original = ResourceGroupsTaggingAPIBackend._get_resources_generator
    if hasattr(original, "__wrapped__"):
        return

    @functools.wraps(original)
    def resources(
        self: ResourceGroupsTaggingAPIBackend,
        tag_filters: list[dict[str, Any]] | None = None,
        resource_type_filters: list[str] | None = None,
        resource_arn_list: list[str] | None = None,
    ) -> Iterator[TaggedResource]:
        yield from original(self, tag_filters, resource_type_filters, resource_arn_list)
        if not match_resource_type(_TYPE, resource_type_filters):
            return
        matches = make_tag_matcher(tag_filters)
        ecr = ecr_backends[self.account_id][self.region_name]
        for repository in list(ecr.repositories.values()):
            tags = ecr.tagger.get_tag_dict_for_resource(repository.arn)
            is_listed = not resource_arn_list or repository.arn in resource_arn_list
            if tags and is_listed and matches(tags):
                yield TaggedResource(repository.arn, tags, _TYPE)

    ResourceGroupsTaggingAPIBackend._get_resources_generator = resources  # type: ignore[method-assign]
