"""Whatever the files contain, `ops` reports it with a file and a line.

Some 30 cases per test here; `make fuzz` runs thousands (see conftest.py).
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from ops.check.files.reading import read_subject
from ops.check.manifest.grammar import Fields, Items, table
from ops.check.output.text import as_data, as_github, as_text
from ops.check.run import check
from ops.copilot.workload import TYPES, Workload
from ops.copilot.workspace import Problem, WorkspaceError, load_workspace
from tests.ops.check.conftest import CLEAN, write
from tests.ops.check.fuzz.fuzzing import PLACE, assert_located, examples, schema_names

MANIFEST = "copilot/worker/manifest.yml"
FILES = (
    MANIFEST,
    "copilot/ops.yml",
    "copilot/worker/ops.yml",
    "copilot/worker/addons/queue.yml",
    "copilot/environments/prod/manifest.yml",
    "copilot/pipelines/main/manifest.yml",
    "copilot/.workspace",
    "Dockerfile",
)
BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")  # YAML 1.1's


def _names(fields: object) -> Iterator[str]:
    """Return every field that a manifest may have at any place."""
    if isinstance(fields, Items):
        yield from _names(fields.item)
    if isinstance(fields, Fields):
        yield from fields.fields
        for below in (*fields.fields.values(), fields.any_name):
            yield from _names(below)


NAMES = sorted(
    {
        *(name for each in table().types.values() for name in _names(each)),
        *schema_names(),
        "Resources",
        "Properties",
    }
)

# What has a meaning somewhere, or is odd in YAML, one a line.
ODD = r"""~
-1
1-2
2-1
${A}
\${A}
${COPILOT_ENVIRONMENT_NAME}
30s
5m30s
celery -A a beat
[sh, -c, 'a && b']
!Ref A
!!int x
!!int ""
!!bool x
!!float x
!!timestamp x
!!binary x
!!null x
!!set {a: b}
!!omap [a: b]
!!python/object:os.system x
1e999
1.0e+999
!!float .inf
&a [*a]
*a
<<
=
@
0o7
0x1F
1_000
'
"
{
# ops: ignore
|
>-
%
Dockerfile
../Dockerfile
/
Environment
AWS::SQS::Queue""".splitlines()
SCALARS = (
    st.sampled_from([*ODD, *TYPES, "", "9" * 400, "9" * 5000, "\0", "a\0b", "\u2028", "\x85"])
    | st.text(max_size=12)
    | st.integers().map(str)
)


@st.composite
def near(draw: st.DrawFn, depth: int = 4) -> str:
    """Draw YAML as somebody may write it: known fields at right or wrong places, odd values."""
    kind = draw(st.sampled_from(["map", "map", "scalar", "list"])) if depth else "scalar"
    if kind == "scalar":
        return draw(SCALARS)
    items = [draw(near(depth - 1)) for _ in range(draw(st.integers(0, 3)))]
    if kind == "list":
        return "[" + ", ".join(items) + "]"
    keys = [draw(st.sampled_from(NAMES) | st.text(max_size=3)) for _ in items]
    return "{" + ", ".join(f"{key}: {item}" for key, item in zip(keys, items, strict=True)) + "}"


@st.composite
def documents(draw: st.DrawFn) -> str:
    """Draw a file of several fields, mostly a manifest of a known type."""
    head = f"name: worker\ntype: {draw(st.sampled_from(TYPES))}\n" if draw(st.booleans()) else ""
    names = draw(st.lists(st.sampled_from(NAMES), max_size=6, unique=True))
    if "environments" not in names and draw(st.booleans()):  # what only an environment has
        own = draw(st.just('"${A}"') | near(2))
        head += f"environments: {{prod: {{{draw(st.sampled_from(NAMES))}: {own}}}}}\n"
    return head + "".join(f"{name}: {draw(near())}\n" for name in names)


TREES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=4)
    ),
    max_leaves=20,
)
# Sound YAML, so that rules and settings see it rather than the parser.
SOUND = st.builds(
    lambda kind, tree: yaml.safe_dump({"name": "worker", "type": kind, **tree}),
    st.sampled_from([*TYPES, "Environment"]),
    st.dictionaries(st.sampled_from(NAMES), TREES, max_size=6),
)
TEXTS = documents() | SOUND | st.text(max_size=200)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("fuzz")


def _lay(folder: Path, name: str, content: bytes) -> None:
    for old in FILES:
        (folder / old).unlink(missing_ok=True)
    write(folder, {**CLEAN, name: content})


@examples
@given(name=st.sampled_from(FILES), text=TEXTS | st.binary(max_size=60))
def test_a_check_finds_and_never_breaks(folder: Path, name: str, text: str | bytes) -> None:
    content = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
    _lay(folder, name, content)
    report = check(read_subject(folder))
    for finding in report.findings:
        assert (folder / finding.path).is_file()
        text_read = (folder / finding.path).read_bytes().decode("utf-8", "replace")
        assert 1 <= finding.line <= len(BREAK.split(text_read)) + 1
        assert finding.message
    assert as_text(report)
    assert as_data(report)["summary"]
    assert as_github(report, Path()).count("\n") == max(0, len(report.findings) - 1)


@examples
@given(name=st.sampled_from(FILES[:-1]), text=TEXTS | st.binary(max_size=60))
def test_reading_a_workspace_raises_only_what_is_told(
    folder: Path, name: str, text: str | bytes
) -> None:
    content = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
    _lay(folder, name, content)
    try:
        workspace = load_workspace(folder)
        for each in workspace.services:
            if each.unreadable is not None:
                assert_located(each.unreadable)
        workspace.settings()
        for environment in workspace.environments:
            for service in workspace.services:
                Workload.from_manifest(service.manifest_in(environment), None)
    except WorkspaceError as error:  # and no other
        assert_located(error)


def _problems(folder: Path) -> tuple[Problem, ...]:
    workspace = load_workspace(folder)
    try:
        workspace.settings("prod", {})
        workspace.service_settings("worker", "prod")
    except WorkspaceError as error:
        assert error.problems  # noqa: PT017  # most files have some, and some have none
        return error.problems
    return ()


@examples
@given(name=st.sampled_from(FILES[1:3]), text=TEXTS)
def test_every_problem_of_an_ops_file_names_its_place(folder: Path, name: str, text: str) -> None:
    _lay(folder, name, text.encode("utf-8", "surrogatepass"))
    for problem in _problems(folder):
        assert problem.path.as_posix() == name
        assert PLACE.match(str(problem)), str(problem)
