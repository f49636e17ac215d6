"""What import-linter cannot check: "pure" modules reach no AWS, and errors are known by code."""

from __future__ import annotations

import ast
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).parents[1]
AWS = ("boto3", "botocore", "moto")


def _says_pure(path: Path) -> bool:
    docstring = ast.get_docstring(ast.parse(path.read_text())) or ""
    return "Pure." in docstring or "Pure data" in docstring or "No AWS here" in docstring


def _name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


@pytest.fixture(scope="module")
def imports() -> grimp.ImportGraph:
    return grimp.build_graph(
        "ops", include_external_packages=True, exclude_type_checking_imports=True, cache_dir=None
    )


def test_what_says_that_it_is_pure_reaches_no_aws(imports: grimp.ImportGraph) -> None:
    pure = [_name(path) for path in sorted((ROOT / "ops").rglob("*.py")) if _says_pure(path)]
    assert len(pure) > 40
    chains = [
        " -> ".join(chain)
        for module in pure
        for package in AWS
        if package in imports.modules
        if (chain := imports.find_shortest_chain(module, package)) is not None
    ]
    assert not chains, "\n".join(chains)


def test_errors_of_aws_are_known_by_their_code() -> None:
    """`client.exceptions` may be another set of classes in each thread: `Aws.client` says why."""
    caught = [
        f"{path.relative_to(ROOT)}:{node.lineno} {ast.unparse(node)}"
        for folder in ("ops", "src")
        for path in sorted((ROOT / folder).rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and ast.unparse(node.value).endswith("client.exceptions")
    ]
    assert not caught, "\n".join(caught)


def test_the_embedded_aws_is_reached_from_two_places(imports: grimp.ImportGraph) -> None:
    """`ops check --package` imports `packages` by name, because it needs the extra `local`."""
    inside = imports.find_descendants("ops.local") | {"ops.local"}
    importers = {
        importer
        for module in inside
        for importer in imports.find_modules_that_directly_import(module)
        if importer not in inside
    }
    packaging = {f"ops.check.packaging.{name}" for name in ("cli", "packages")}
    assert importers == {"ops.commands.local", "ops.commands.local.rehearsal"} | packaging
    assert not imports.find_modules_that_directly_import("ops.check.packaging.packages")
