"""A valid manifest, of which one value has another type: no rule fails on it.

Some 30 cases here; `make fuzz` runs thousands (see conftest.py).
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import yaml
from hypothesis import given
from hypothesis import strategies as st

from tests.ops.check.differential.mutants import Mutant, seeds
from tests.ops.check.fuzz.fuzzing import examples
from tests.ops.check.oracle import report

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pytest

    from tests.ops.check.differential.mutants import Place

VALUES: list[Any] = [[], ["a"], [[]], [{}], {}, {"a": 1}, None, "", "a", 0, 1.5, True]
# So that rules that look into an image have one to look into.
IMAGE = {"Dockerfile": 'FROM python:3.12\nCMD ["uvicorn", "shop:app"]\n'}


def places(value: object, at: Place = ()) -> Iterator[Place]:
    """Yield the place of each value below a value."""
    entries = value.items() if isinstance(value, dict) else ()
    for key, below in enumerate(value) if isinstance(value, list) else entries:
        yield (*at, key)
        yield from places(below, (*at, key))


PLACES = [
    (number, at)
    for number, seed in enumerate(seeds())
    for at in places(seed)
    if at not in {("name",), ("type",)}
]


@examples
@given(place=st.sampled_from(PLACES), value=st.sampled_from(VALUES))
def test_any_value_at_any_place_is_read(
    monkeypatch: pytest.MonkeyPatch, place: tuple[int, Place], value: object
) -> None:
    monkeypatch.setattr(report, "WORKSPACE", report.WORKSPACE | IMAGE)
    number, at = place
    manifest = copy.deepcopy(seeds()[number])
    parent: Any = manifest
    for step in at[:-1]:
        parent = parent[step]
    parent[at[-1]] = value
    text = yaml.safe_dump(manifest, sort_keys=False)
    for finding in report.findings(
        Mutant(manifest["type"], manifest.get("name", "test"), "value", at, text)
    ):
        assert finding.line > 0
