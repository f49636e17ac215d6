"""Scaling policies that AWS refuses are refused in the file."""

from typing import Any

import pytest
from pydantic import ValidationError

from ops.kinds.scaling.settings import Settings

LOAD: dict[str, Any] = {"namespace": "Shop"}


@pytest.mark.parametrize(
    ("section", "complaint"),
    [
        ({"published_load": {"namespace": ":Shop"}}, "should match pattern"),
        ({"published_load": {**LOAD, "metric": "m" * 256}}, "at most 255"),
        ({"published_load": {**LOAD, "dimensions": {"d": " "}}}, "must have ASCII characters"),
        ({"queue_depth": {"queue": "jobs", "target": float("inf")}}, "finite number"),
        ({"step": {f"s-{each}": {"add": {1: 1}} for each in range(51)}}, "makes 51 policies"),
        ({"step": {"one": {"add": dict.fromkeys(range(1, 22), 1)}}}, "at most 20 items"),
    ],
)
def test_a_policy_that_aws_refuses_is_refused(section: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValidationError, match=complaint):
        Settings.model_validate(section)


def test_the_most_that_aws_takes_is_taken() -> None:
    steps = {f"s-{each}": {"add": dict.fromkeys(range(1, 21), 1)} for each in range(48)}
    Settings.model_validate({"step": steps, "published_load": LOAD})
