"""Availability Zone rebalancing: the embedded AWS refuses the same settings as ECS."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pytest

from ops.local.cloudformation.resources.types.ecs import PropertyError, Service

if TYPE_CHECKING:
    from ops.local.cloudformation.resources.base import Context
    from ops.local.cloudformation.stack import Resource


def test_it_needs_room_for_more_than_the_count() -> None:
    properties: dict[str, Any] = {
        "AvailabilityZoneRebalancing": "ENABLED",
        "DeploymentConfiguration": {"MinimumHealthyPercent": 0, "MaximumPercent": 100},
    }
    nothing = cast("Context", None)
    with pytest.raises(PropertyError, match="maximumPercent"):
        Service().create(nothing, properties)
    resource = cast("Resource", _Resource())
    with pytest.raises(PropertyError, match="maximumPercent"):
        Service().update(nothing, resource, properties)


class _Resource:
    properties: dict[str, Any] = {}  # noqa: RUF012  # none of those that replace it
