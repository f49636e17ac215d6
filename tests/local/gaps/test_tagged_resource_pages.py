"""GetResources divides its pages by resources, not by tags."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

_TAGS = [{"Key": f"key-{at}", "Value": "value"} for at in range(10)]
_TOPICS = 15  # 150 tags


def page_of(client: Callable[[str], Any], name: str, **more: int) -> int:
    """Return the number of topics on the first page."""
    for at in range(_TOPICS):
        owner = {"Key": "owner", "Value": name}
        client("sns").create_topic(Name=f"{name}-{at}", Tags=[*_TAGS, owner])
    answer = client("resourcegroupstaggingapi").get_resources(
        TagFilters=[{"Key": "owner", "Values": [name]}], **more
    )
    return len(answer["ResourceTagMappingList"])


def test_moto_still_cuts_at_a_hundred_tags(moto: Callable[[str], Any], name: str) -> None:
    assert page_of(moto, name, ResourcesPerPage=100) < _TOPICS


def test_a_page_has_as_many_resources_as_were_asked_for(
    embedded: Callable[[str], Any], name: str
) -> None:
    assert page_of(embedded, name, ResourcesPerPage=100) == _TOPICS
    assert page_of(embedded, name, ResourcesPerPage=5) == 5


def test_a_page_is_cut_by_tags_where_the_call_says_so(
    embedded: Callable[[str], Any], name: str
) -> None:
    assert page_of(embedded, name, TagsPerPage=100) < _TOPICS
