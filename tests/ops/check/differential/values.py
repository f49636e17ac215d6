"""Values for mutants: near the original value, or odd anywhere."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from random import Random

_VALUES: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("values.yml").read_text())
ODD: list[Any] = _VALUES["odd"]
_NUMBERS: list[int] = _VALUES["numbers"]
_FAMILIES: dict[str, list[Any]] = _VALUES["families"]


def near(value: object, random: Random) -> object:
    """Return a value of the same family, or of a wrong type."""
    match value:
        case bool():
            return random.choice([not value, str(value).lower(), "yes", int(value)])
        case int():
            near_by = [value + 1, value * 2, float(value), str(value), f"{value}s"]
            return random.choice([*_NUMBERS, *near_by])
        case str():
            families = [values for shape, values in _FAMILIES.items() if re.fullmatch(shape, value)]
            pool = [each for values in families for each in values]
            return random.choice(pool or [f"{value} x", value.upper(), f"{value}.", 5])
        case _:
            return random.choice(ODD)
