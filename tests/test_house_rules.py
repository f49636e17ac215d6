"""The project's own rules: sizes, no absolute paths or hosts, documents."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[1]
FILE_LINES = 300
FUNCTION_LINES = 40
COMMAND_LINES = 25
RECORD_LINES = 40


def _tracked(*patterns: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *patterns],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    paths = (ROOT / name for name in listed.stdout.splitlines())
    return sorted(path for path in paths if path.is_file())


def _functions(path: Path) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    tree = ast.parse(path.read_text())
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return [node for node in ast.walk(tree) if isinstance(node, kinds)]


def _length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1


def _is_command(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return any(".command" in ast.unparse(decorator) for decorator in function.decorator_list)


def _body_length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def test_files_stay_short() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in _tracked("*.py")
        if (lines := len(path.read_text().splitlines())) > FILE_LINES
    }
    assert not long


def test_functions_stay_short() -> None:
    long = [
        f"{path.relative_to(ROOT)}:{function.lineno} {function.name} ({_length(function)} lines)"
        for path in _tracked("*.py")
        for function in _functions(path)
        if _length(function) > FUNCTION_LINES
    ]
    assert not long


def test_commands_only_say_what_happens() -> None:
    long = [
        f"{path.relative_to(ROOT)}:{function.lineno} {function.name}"
        for path in _tracked("ops/commands/*.py", "ops/commands/**/*.py")
        for function in _functions(path)
        if _is_command(function) and _body_length(function) > COMMAND_LINES
    ]
    assert not long


def test_lock_files_name_no_address() -> None:
    for path in _tracked("requirements/*"):
        assert "://" not in path.read_text(), path


def test_lock_files_pin_every_hash() -> None:
    for path in _tracked("requirements/*"):
        entries = re.split(r"\n(?=[a-z0-9])", path.read_text())
        unpinned = [e.splitlines()[0] for e in entries if "==" in e and "--hash=" not in e]
        assert not unpinned, path


def test_the_image_gets_what_the_lock_of_everything_has() -> None:
    pins = {
        path.name: dict(re.findall(r"^([a-z0-9._-]+)==(\S+)", path.read_text(), re.MULTILINE))
        for path in _tracked("requirements/*.lock")
    }
    different = {
        name: (version, pins["dev.lock"].get(name))
        for name, version in pins["backend.lock"].items()
        if pins["dev.lock"].get(name) != version
    }
    assert not different


def test_links_between_documents_lead_somewhere() -> None:
    broken = [
        f"{path.relative_to(ROOT)}: {target}"
        for path in _tracked("*.md")
        for target in re.findall(r"\]\(([^)\s]+)", path.read_text())
        if "://" not in target and not _exists(path, target)
    ]
    assert not broken


def _exists(page: Path, target: str) -> bool:
    file, _, anchor = target.partition("#")
    path = page.parent / file if file else page
    return path.exists() and (not anchor or anchor in _anchors(path))


def _anchors(page: Path) -> set[str]:
    """Return the anchors that GitHub gives to the headings of a page."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", each.lower()).replace(" ", "-") for each in headings}


def test_decisions_follow_one_template() -> None:
    template = re.compile(
        r"# \d{4} .+\n\n\*\*Status\.\*\* Accepted, \d{4}-\d\d-\d\d\.\n\n"
        r"\*\*Context\.\*\* (.|\n)+\*\*Decision\.\*\*(.|\n)+\*\*Consequences\.\*\* (.|\n)+"
    )
    records = _tracked("docs/decisions/0*.md")
    texts = {path.name: path.read_text() for path in records}
    assert not [name for name, text in texts.items() if not template.fullmatch(text)]
    assert not [name for name, text in texts.items() if len(text.splitlines()) > RECORD_LINES]
    assert len({name[:4] for name in texts}) == len(texts), "two records have one number"


def test_every_decision_that_is_cited_exists() -> None:
    missing = [
        f"{path.relative_to(ROOT)}: {cited}"
        for path in _tracked("*.py", "*.yml", "*.toml", "Dockerfile", "Makefile")
        for cited in re.findall(r"docs/decisions/[\w.-]+\.md", path.read_text())
        if not (ROOT / cited).exists()
    ]
    assert not missing


def test_the_design_page_names_files_and_tests_that_exist() -> None:
    page = (ROOT / "docs/design-page.md").read_text()
    rows = [row.split("|")[2:4] for row in page.splitlines() if row.startswith("| ")]
    missing = []
    for where, tests in rows:
        for name in re.findall(r"`([^`]+)`", f"{where} {tests}"):
            file, _, function = name.partition("::")
            text = (ROOT / file).read_text() if (ROOT / file).is_file() else None
            if text is None or (function and f"def {function}(" not in text):
                missing.append(name)
    assert len(rows) > 20
    assert not missing


def test_the_map_of_the_house_names_every_folder() -> None:
    rows = re.findall(
        r"^\| `((?:ops|src/amply)/\w+)` \|", (ROOT / "CONTRIBUTING.md").read_text(), re.MULTILINE
    )
    folders = {
        path.parent.relative_to(ROOT).as_posix()
        for path in _tracked("ops/*/__init__.py", "src/amply/*/__init__.py")
        if path.parent.parent in (ROOT / "ops", ROOT / "src/amply")
    }
    assert sorted(rows) == sorted(folders)
