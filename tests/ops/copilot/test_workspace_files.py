"""Reading a workspace: the content of Copilot's files, and every mistake with its line."""

from pathlib import Path
from typing import Any, cast

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from ops.base.fields import seconds
from ops.copilot.workspace import Problem, WorkspaceError, load_workspace
from ops.copilot.workspace.document import Document, parse_document, read_document
from ops.copilot.workspace.interpolation import interpolate
from ops.copilot.workspace.merge import for_environment, merge
from ops.copilot.workspace.settings import application_model, service_model
from ops.copilot.workspace.validation import validate

KEYS = st.sampled_from(["a", "b", "c"])
TREES = st.recursive(
    st.integers() | st.text(st.characters(categories=["L"]), min_size=1) | st.booleans(),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)
MAPPINGS = st.dictionaries(KEYS, TREES, max_size=3)


def document(path: Path, text: str) -> Document:
    path.write_text(text)
    return read_document(path, Path("copilot/ops.yml"))


def node(data: object) -> yaml.Node:
    return cast("yaml.Node", yaml.compose(yaml.safe_dump(data), Loader=yaml.SafeLoader))


def data(composed: yaml.Node) -> Any:  # noqa: ANN401  # whatever was given
    return yaml.safe_load(yaml.serialize(composed))


def problems(path: Path, text: str, workspace: Path) -> list[str]:
    (workspace / path).write_text(text)
    with pytest.raises(WorkspaceError) as raised:
        load_workspace(workspace).settings("prod", {})
    return [str(problem) for problem in raised.value.problems]


@given(MAPPINGS)
def test_merging_nothing_changes_nothing(tree: dict[str, Any]) -> None:
    assert data(merge(node(tree), node({}))) == tree
    assert data(merge(node({}), node(tree))) == tree
    assert data(merge(node(tree), node(tree))) == tree
    assert data(merge(node(tree), node(None))) == tree


@given(MAPPINGS, MAPPINGS)
def test_an_override_wins_and_what_it_does_not_say_stays(
    base: dict[str, Any], override: dict[str, Any]
) -> None:
    merged = data(merge(node(base), node(override)))
    assert merged.keys() == base.keys() | override.keys()
    for key, value in override.items():
        if not (isinstance(value, dict) and isinstance(base.get(key), dict)):
            assert merged[key] == value
    for key in base.keys() - override.keys():
        assert merged[key] == base[key]


@given(MAPPINGS, MAPPINGS)
def test_overriding_twice_is_overriding_once(
    base: dict[str, Any], override: dict[str, Any]
) -> None:
    once = merge(node(base), node(override))
    assert data(merge(once, node(override))) == data(once)


def test_environments_override_as_in_a_manifest(tmp_path: Path) -> None:
    text = (
        "cpu: 512\ncount: {range: 2-10, cpu: 70}\nsubnets: [a, b]\n"
        "environments:\n  prod:\n    count: {cpu: 50}\n    subnets: [c]\n    cpu: null\n"
    )
    read = document(tmp_path / "a.yml", text)
    assert for_environment(read, "prod").data == {
        "cpu": 512,
        "count": {"range": "2-10", "cpu": 50},
        "subnets": ["c"],
    }
    assert for_environment(read, "other").data == for_environment(read, None).data


def test_variables_take_their_type_from_what_they_become(tmp_path: Path) -> None:
    read = document(tmp_path / "a.yml", "keep: ${N}\ntext: '${N}'\nraw: \\${N}\nlist:\n- a-${N}\n")
    assert interpolate(read, {"N": "7"}).data == {
        "keep": 7,
        "text": "7",
        "raw": "${N}",
        "list": ["a-7"],
    }


@given(st.text(st.characters(categories=["L", "N"]), min_size=1))
def test_text_without_variables_stays(text: str) -> None:
    mapping = yaml.compose(yaml.safe_dump({"a": text}), Loader=yaml.SafeLoader)
    assert isinstance(mapping, yaml.MappingNode)
    read = Document(Path("a.yml"), mapping)
    assert interpolate(read, {}).root.value[0][1] is mapping.value[0][1]


def test_every_undefined_variable_is_told(tmp_path: Path) -> None:
    read = document(tmp_path / "a.yml", "a: ${ONE}\nb:\n  - x\n  - ${TWO}\n")
    with pytest.raises(WorkspaceError) as raised:
        interpolate(read, {})
    assert [(each.line, each.field) for each in raised.value.problems] == [(1, "a"), (4, "b.1")]
    assert "${TWO} is not defined" in str(raised.value)


def test_yaml_is_read_as_copilot_reads_it(tmp_path: Path) -> None:
    read = document(tmp_path / "a.yml", "a: on\nb: 22:00\nc: 2026-11-23\nd: 010\ne: 1.5\nf: ~\n")
    assert read.data == {
        "a": "on",
        "b": "22:00",
        "c": "2026-11-23",
        "d": "010",
        "e": 1.5,
        "f": None,
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: [\n", "copilot/ops.yml:2: this is not valid YAML"),
        ("a: 1\nb: 2\na: 3\n", "copilot/ops.yml:3: `a` is a duplicate; it is already on line 1"),
        ("- a\n", "copilot/ops.yml:1: must be a mapping"),
        ("a: !Ref b\n", "copilot/ops.yml:1: this is not valid YAML"),
        ("? [a]\n: 1\n", "copilot/ops.yml:1: a field name must be text"),
        ("a: &a [*a]\n", "copilot/ops.yml:1: is nested too deeply"),
        ("a: " + "[" * 100_000 + "]" * 100_000, "is nested too deeply"),
        ("a: \0\n", "this is not valid YAML"),
    ],
)
def test_what_is_no_document(tmp_path: Path, text: str, expected: str) -> None:
    with pytest.raises(WorkspaceError) as raised:
        assert document(tmp_path / "a.yml", text).data is None
    assert expected in str(raised.value)


def test_an_alias_and_a_merge_key_are_followed(tmp_path: Path) -> None:
    text = "base: &base {a: 1, b: 2}\nother:\n  <<: *base\n  b: 3\n"
    assert document(tmp_path / "a.yml", text).data["other"] == {"a": 1, "b": 3}


def test_all_mistakes_of_a_file_are_told_at_once(workspace: Path) -> None:
    text = (
        "images:\n  shop/web:\n    kep: 10\n    scan_on_push: often\n"
        "local:\n  companions:\n    - name: db\n      command: []\n      ready: ftp://x\n"
        "locals: 1\n"
    )
    assert problems(Path("copilot/ops.yml"), text, workspace) == [
        "copilot/ops.yml:2: images.shop/web.keep: is missing",
        "copilot/ops.yml:3: images.shop/web.kep: there is no such field; did you mean `keep`?",
        "copilot/ops.yml:4: images.shop/web.scan_on_push: must be true or false, not `often`",
        "copilot/ops.yml:8: local.companions.0.command: needs at least 1",
        "copilot/ops.yml:9: local.companions.0.ready: must match `^(https?|tcp)://.+`, not `ftp://x`",
        "copilot/ops.yml:10: locals: there is no such field; did you mean `local`?",
    ]


def test_an_override_is_told_where_it_stands(workspace: Path) -> None:
    text = "alarms: {}\nenvironments:\n  prod:\n    alarms:\n      prefix: [a]\n"
    (workspace / "copilot/web/ops.yml").write_text(text)
    with pytest.raises(WorkspaceError, match=r"copilot/web/ops.yml:5: alarms.prefix: must be text"):
        load_workspace(workspace).service_settings("web", "prod")


def test_an_override_for_no_environment_is_told(workspace: Path) -> None:
    text = "environments:\n  prd: {}\n"
    [problem] = problems(Path("copilot/ops.yml"), text, workspace)
    assert problem == (
        "copilot/ops.yml:2: environments.prd: no such environment; did you mean `prod`?"
    )


def test_what_is_shared_has_no_override(workspace: Path) -> None:
    text = "environments:\n  prod:\n    images: {}\n"
    [problem] = problems(Path("copilot/ops.yml"), text, workspace)
    assert "environments.prod.images: belongs to the application" in problem


def test_services_and_environments(workspace: Path) -> None:
    read = load_workspace(workspace / "copilot" / "web")
    assert (read.root, read.application) == (workspace.resolve(), "shop")
    assert [(service.name, service.type) for service in read.services] == [
        ("web", "Load Balanced Web Service"),
        ("worker", "Backend Service"),
    ]
    assert read.environments == ("prod", "staging")


def test_a_manifest_keeps_its_placeholders(workspace: Path) -> None:
    text = (
        "type: Backend Service\nimage: {location: 'web:${TAG}'}\nenvironments: {prod: {cpu: 1}}\n"
    )
    (workspace / "copilot/web/manifest.yml").write_text(text)
    service = load_workspace(workspace).services[0]
    assert service.manifest_in("prod")["image"] == {"location": "web:${TAG}"}
    assert service.manifest_in("prod")["cpu"] == 1


def test_environments_without_manifests_are_those_that_services_name(workspace: Path) -> None:
    for name in ("prod", "staging"):
        (workspace / f"copilot/environments/{name}/manifest.yml").unlink()
    text = "type: Backend Service\nenvironments: {test: {}}\n"
    (workspace / "copilot/web/manifest.yml").write_text(text)
    assert load_workspace(workspace).environments == ("test",)


def test_local_needs_its_variables_only_when_it_is_asked_for(workspace: Path) -> None:
    (workspace / "copilot/ops.yml").write_text(
        "local:\n  secrets: {URL: 'sqlite:///${OPS_LOCAL_DIR}/a.db'}\n  variables: {PORT: 8000}\n"
    )
    read = load_workspace(workspace)
    assert read.settings("prod").local.secrets == {"URL": "sqlite:///${OPS_LOCAL_DIR}/a.db"}
    local = read.settings("prod", {"OPS_LOCAL_DIR": "/tmp/x"}).local  # noqa: S108  # never opened
    assert local.secrets == {"URL": "sqlite:////tmp/x/a.db"}
    assert local.variables == {"PORT": "8000"}
    with pytest.raises(WorkspaceError, match="OPS_LOCAL_DIR"):
        read.settings("prod", {})


@pytest.mark.parametrize(
    ("text", "expected"), [("60s", 60), ("5m", 300), ("1h", 3600), ("1h30m", 5400), ("2d", 172800)]
)
def test_durations(text: str, expected: int) -> None:
    assert seconds(text) == expected


@pytest.mark.parametrize("text", ["", "60", "s", "1.5m", "-1s", 60, None])
def test_what_is_no_duration(text: object) -> None:
    with pytest.raises(ValueError, match="must be a duration such as 60s"):
        seconds(text)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ("threshold: high", "threshold: must be a number, `max-tasks` or `min-tasks`, not `high`"),
        ("evaluation_periods: 0", "evaluation_periods: must be at least 1, not 0"),
        ("evaluation_periods: 1.5", "evaluation_periods: must be a whole number, not 1.5"),
        ("period: 60", "period: must be a duration such as 60s, 5m or 1h, not 60"),
        ("comparison: above", "comparison: must be '>=', '>', '<=' or '<', not `above`"),
        ("dimensions: [a]", "dimensions: must be a mapping of names to values, not a list"),
        ("treshold: 1", "treshold: there is no such field; did you mean `threshold`?"),
    ],
)
def test_a_mistake_in_an_alarm_says_what_is_expected(
    workspace: Path, changes: str, expected: str
) -> None:
    fields = {
        "summary": "s",
        "namespace": "n",
        "metric": "m",
        "threshold": "1",
        "missing_data": "ignore",
    }
    name, value = changes.split(": ")
    lines = [f"      {field}: {text}\n" for field, text in {**fields, name: value}.items()]
    text = "alarms:\n  define:\n    slow:\n" + "".join(lines)
    (workspace / "copilot/web/ops.yml").write_text(text)
    with pytest.raises(WorkspaceError) as raised:
        load_workspace(workspace).service_settings("web", "prod")
    [problem] = raised.value.problems
    assert problem.line == text[: text.index(f"{name}:")].count("\n") + 1
    assert str(problem).endswith(f"alarms.define.slow.{expected}")


@given(st.text("ab:-[]{}&*!|>#'\"${}\\\n\t \0", max_size=40) | st.text(max_size=20))
def test_any_text_is_read_or_told(text: str) -> None:
    assert all(problem.line >= 1 and problem.message for problem in told(text))


def told(text: str) -> tuple[Problem, ...]:
    """Return the problems of a text as `copilot/ops.yml`."""
    try:
        read = parse_document(text.encode("utf-8", "surrogatepass"), Path("copilot/ops.yml"))
        validate(interpolate(for_environment(read, "prod"), {}), application_model())
    except WorkspaceError as error:
        return error.problems
    return ()


@given(TREES, TREES, TREES)
def test_any_value_is_taken_or_told(one: object, two: object, three: object) -> None:
    alarm = {"summary": one, "threshold": two, "period": three, "dimensions": one}
    alarms = {"prefix": two, "define": {"slow": alarm, "fast": three}}
    root = node({"alarms": alarms, "scaling": {"queue_depth": two}})
    assert isinstance(root, yaml.MappingNode)
    with pytest.raises(WorkspaceError) as raised:  # `namespace` is always missing
        validate(Document(Path("copilot/web/ops.yml"), root), service_model())
    assert all(problem.line >= 1 and problem.message for problem in raised.value.problems)
