"""The JSON Schema of an `ops.yml`, with which editors complete and check it.

It describes the file as written: before variables are filled in and before the overrides of an
environment are applied. It omits checks across fields; `ops plan` makes those.
https://json-schema.org/draft/2020-12/schema
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from ops.base.fields import DURATION, as_duration
from ops.base.kinds import KINDS, Scope
from ops.copilot.workspace.settings import application_model, service_model
from ops.reference.meaning import meanings

if TYPE_CHECKING:
    from pydantic import BaseModel

Schema: TypeAlias = dict[str, Any]

# Whose file, and where it stands.
FILES: Mapping[str, str] = {
    "application": "copilot/ops.yml",
    "service": "copilot/<service>/ops.yml",
}

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_VARIABLE = "Variable"
_OVERRIDE = "Override"  # ends the name of a definition in which nothing is required
_ABOUT = ("description", "default", "title")  # keywords that do not restrict the value


def schema(file: str) -> Schema:
    """Return the schema of one of FILES."""
    model: type[BaseModel] = application_model() if file == "application" else service_model()
    generated = model.model_json_schema(schema_generator=_Generator, ref_template="#/$defs/{model}")
    definitions = {
        _short(name): definition for name, definition in generated.pop("$defs", {}).items()
    }
    definitions = {name: _tidy(definition) for name, definition in definitions.items()}
    root = _tidy(generated)
    overrides = _Overrides(definitions)
    override = overrides.of({**root, "properties": _overridable(root["properties"])})
    override.pop("description", None)
    root["properties"]["environments"] = {
        "description": "What is different in an environment, by its name. Mappings are merged "
        "field by field; lists and values are replaced.",
        "type": ["object", "null"],
        "additionalProperties": {"anyOf": [override, {"type": "null"}]},
    }
    variable = {
        "description": "Text in which ${NAME} is filled in from the environment.",
        "type": "string",
        "pattern": r"\$\{[A-Za-z_][A-Za-z0-9_]*\}",
    }
    all_definitions = {**definitions, **overrides.made, _VARIABLE: variable}
    return {
        "$schema": _DIALECT,
        "title": FILES[file],
        **root,
        "$defs": dict(sorted(all_definitions.items())),
    }


class _Generator(GenerateJsonSchema):
    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ANN401, ARG002  # pydantic's
        return False

    def time_schema(self, schema: core_schema.TimeSchema) -> JsonSchemaValue:  # noqa: ARG002
        # JSON Schema's own `time` wants seconds and a zone.
        return {"type": "string", "pattern": r"^([01]\d|2[0-3]):[0-5]\d$"}

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        generated = super().model_schema(schema)
        meant = meanings(schema["cls"])
        for name, field in generated.get("properties", {}).items():
            if name in meant:
                field.setdefault("description", meant[name])
        return generated


def _short(name: str) -> str:
    """Shorten `ops__kinds__alarms__settings__Settings`, a clashing name, to `alarms.Settings`."""
    parts = name.split("__")
    return f"{parts[-3]}.{parts[-1]}" if len(parts) > 2 else name


def _with_subschemas(node: Schema, change: Callable[[Schema], Schema]) -> Schema:
    """Return the node with each direct subschema changed."""
    changed = dict(node)
    for key, held in node.items():
        if key in ("properties", "patternProperties"):
            changed[key] = {name: change(subschema) for name, subschema in held.items()}
        elif key in ("anyOf", "prefixItems"):
            changed[key] = [change(subschema) for subschema in held]
        elif key in ("items", "additionalProperties") and isinstance(held, dict):
            changed[key] = change(held)
    return changed


def _tidy(node: Schema) -> Schema:
    """Adapt a node to the written form: durations as text, a variable in place of any value that is
    not text.
    """
    node = {("anyOf" if key == "oneOf" else key): value for key, value in node.items()}
    for noise in ("title", "discriminator", *(("default",) if node.get("default") is None else ())):
        node.pop(noise, None)
    if "description" in node:
        paragraphs = node["description"].split("\n\n")
        node["description"] = "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)
    if "$ref" in node:
        prefix, _, name = node["$ref"].rpartition("/")
        return {**node, "$ref": f"{prefix}/{_short(name)}"}
    if _is_duration(node):
        if isinstance(node.get("default"), int):
            node["default"] = as_duration(node["default"])
        for limit in ("exclusiveMinimum", "minimum", "maximum"):
            node.pop(limit, None)  # limits are in seconds, the text is not
    return _with_variable(_with_subschemas(node, _tidy))


def _is_duration(node: Schema) -> bool:
    return any(
        alternative.get("pattern") == DURATION for alternative in (node, *node.get("anyOf", ()))
    )


def _with_variable(node: Schema) -> Schema:
    variable = {"$ref": f"#/$defs/{_VARIABLE}"}
    if "anyOf" in node:
        members: list[Any] = []
        for alternative in node["anyOf"]:
            inner = (
                alternative.get("anyOf", [alternative])
                if set(alternative) == {"anyOf"}
                else [alternative]
            )
            members += [member for member in inner if member not in members]
        return {**node, "anyOf": members}
    plain_text = node.get("type") == "string" and not {"pattern", "format", "enum"} & node.keys()
    containers = ("object", "array", "null")
    if "type" not in node or node["type"] in containers or plain_text:
        return node
    if isinstance(node["type"], list) and "string" in node["type"]:
        return node
    about = {key: node[key] for key in _ABOUT if key in node}
    value = {key: entry for key, entry in node.items() if key not in _ABOUT}
    return {**about, "anyOf": [value, variable]}


def _overridable(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Return the sections that an environment may override: all but the shared ones."""
    shared = {kind.name for kind in KINDS if kind.scope is Scope.APPLICATION}
    return {name: section for name, section in properties.items() if name not in shared}


class _Overrides:
    """Schemas in which nothing is required and null has no effect."""

    def __init__(self, definitions: Mapping[str, Schema]) -> None:
        self._definitions = definitions
        self.made: dict[str, Schema] = {}

    def of(self, node: Schema) -> Schema:
        left_out = ("required", "default", "minProperties")
        node = {key: value for key, value in node.items() if key not in left_out}
        if "$ref" in node:
            return {**node, "$ref": self._reference(node["$ref"])}
        return _with_subschemas(node, self.of if "anyOf" in node else self._or_null)

    def _or_null(self, node: Schema) -> Schema:
        return _or_null(self.of(node))

    def _reference(self, reference: str) -> str:
        name = reference.rpartition("/")[2]
        if name not in self._definitions:
            return reference  # a variable
        if f"{name}{_OVERRIDE}" not in self.made:
            self.made[f"{name}{_OVERRIDE}"] = {}  # a definition may refer to itself
            self.made[f"{name}{_OVERRIDE}"] = self.of(self._definitions[name])
        return f"#/$defs/{name}{_OVERRIDE}"


def _or_null(node: Schema) -> Schema:
    null = {"type": "null"}
    about = {key: node[key] for key in _ABOUT if key in node}
    value = {key: entry for key, entry in node.items() if key not in _ABOUT}
    members = value["anyOf"] if set(value) == {"anyOf"} else [value]
    return {**about, "anyOf": [*members, *([] if null in members else [null])]}
