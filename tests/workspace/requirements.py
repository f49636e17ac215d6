"""Tables of required values in rendered templates: a test for each row and environment."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from tests.workspace.rendering import ENVIRONMENTS, as_text

_AS_IN_PROD = object()


@dataclass(frozen=True)
class Requirement:
    """The value, or values, at `path` of a rendered template in each environment."""

    what: str
    path: str
    prod: object
    staging: object

    def expected(self, environment: str) -> object:
        """Return the value as CloudFormation compares it."""
        is_own = environment == "staging" and self.staging is not _AS_IN_PROD
        return as_text(self.staging if is_own else self.prod)


def must(what: str, path: str, prod: object, staging: object = _AS_IN_PROD) -> Requirement:
    """Return a row of a table; staging has production's value unless it is given."""
    return Requirement(what, path, prod, staging)


def table(*rows: Requirement) -> pytest.MarkDecorator:
    """Run a test of (environment, path, expected) once for each row and environment."""
    return pytest.mark.parametrize(
        ("environment", "path", "expected"),
        [
            pytest.param(
                environment, row.path, row.expected(environment), id=f"{environment}: {row.what}"
            )
            for row in rows
            for environment in ENVIRONMENTS
        ],
    )
