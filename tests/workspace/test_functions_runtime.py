"""Copilot's own Lambda functions run on a runtime that Lambda still creates."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.workspace.rendering import ENVIRONMENTS, SERVICES, Stack

if TYPE_CHECKING:
    from tests.workspace.conftest import Rendered


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_no_function_is_of_the_deprecated_runtime(rendered: Rendered, environment: str) -> None:
    stacks = [rendered.environment(environment)]
    stacks += [rendered.service(service, environment) for service in SERVICES]
    assert {runtime for stack in stacks for runtime in _runtimes(stack)} == {"nodejs24.x"}


def _runtimes(stack: Stack) -> set[object]:
    return {stack.value(f"{name}/Runtime") for name in stack.of_type("AWS::Lambda::Function")}
