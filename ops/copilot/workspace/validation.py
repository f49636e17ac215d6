"""Validation of documents: pydantic's errors with file, line and a next step."""

from collections.abc import Iterable, Mapping, Sequence
from types import UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, RootModel, ValidationError

from ops.base.kinds import KINDS
from ops.base.urls import without_secrets
from ops.copilot.workspace.document import Document
from ops.copilot.workspace.problems import Problem, WorkspaceError, did_you_mean

Model = TypeVar("Model", bound=BaseModel)

# Our messages for pydantic's error types; the braces are filled from the error's context.
_EXPECTED = {
    "bool_type": "must be true or false",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "finite_number": "must be a finite number",
    "string_type": "must be text",
    "list_type": "must be a list",
    "tuple_type": "must be a list",
    "dict_type": "must be a mapping of names to values",
    "model_type": "must be a mapping of fields to values",
    "string_pattern_mismatch": "must match `{pattern}`",
    "greater_than": "must be more than {gt:g}",
    "greater_than_equal": "must be at least {ge:g}",
    "literal_error": "must be {expected}",
}
_RENAMED: dict[tuple[int | str, ...], str] = {
    (kind.former_name,): kind.name for kind in KINDS if kind.former_name
}
_SIZES = {"too_short": "needs at least {min_length}", "too_long": "takes at most {max_length}"}


def validate(document: Document, model: type[Model]) -> Model:
    """Return the document as `model`. Raise WorkspaceError with every problem of the file."""
    if problems := list(document.boundless()):
        raise WorkspaceError(problems)
    try:
        return model.model_validate(document.data)
    except ValidationError as error:
        details = error.errors(include_url=False)
        raise WorkspaceError([_problem(document, model, detail) for detail in details]) from error


def _problem(document: Document, model: type[BaseModel], detail: Mapping[str, Any]) -> Problem:
    location: tuple[int | str, ...] = detail["loc"]
    return document.problem(location, _message(model, location, detail))


def _message(
    model: type[BaseModel], location: tuple[int | str, ...], detail: Mapping[str, Any]
) -> str:
    kind = detail["type"]
    if kind == "extra_forbidden":
        return _unknown_field(model, location)
    if kind == "missing":
        return "is missing"
    if kind in _SIZES:
        unit = " characters" if isinstance(detail["input"], str) else ""
        return _SIZES[kind].format(**detail["ctx"]) + unit
    if kind == "value_error":
        return str(detail["ctx"]["error"])
    if kind in _EXPECTED:
        expected = _EXPECTED[kind].format(**detail.get("ctx", {}))
        return f"{expected}, not {_shown(detail['input'])}"
    message: str = detail["msg"]
    return f"{message[:1].lower()}{message[1:]}, not {_shown(detail['input'])}"


def _unknown_field(model: type[BaseModel], location: tuple[int | str, ...]) -> str:
    if location in _RENAMED:
        return f"this section is now named `{_RENAMED[location]}`; rename it"
    known = _fields_at([model], location[:-1])
    return f"there is no such field; {did_you_mean(str(location[-1]), known)}"


def _shown(value: object) -> str:
    match value:
        case None:
            return "nothing"
        case dict():
            return "a mapping"
        case list():
            return "a list"
        case bool():
            return str(value).lower()
        case str():
            return f"`{without_secrets(value)}`"
        case _:
            return str(value)


def _fields_at(annotations: Iterable[Any], location: Sequence[int | str]) -> set[str]:
    """Return the names of the fields that a location of a model allows."""
    here = [plain for annotation in annotations for plain in _alternatives(annotation)]
    roots = [member.model_fields["root"].annotation for member in here if _is_root(member)]
    here += [plain for root in roots for plain in _alternatives(root)]
    if not location:
        models = [member for member in here if _is_model(member) and not _is_root(member)]
        return {name for model in models for name in model.model_fields}
    below: list[Any] = []
    for member in here:
        if _is_model(member) and location[0] in member.model_fields:
            below.append(member.model_fields[str(location[0])].annotation)
        elif get_origin(member) in (dict, list, tuple):
            below.extend(get_args(member)[-2 if get_origin(member) is tuple else -1 :])
    return _fields_at(below, location[1:])


def _alternatives(annotation: object) -> list[Any]:
    """Return a union's members, and the type in Annotated."""
    if get_origin(annotation) is Annotated:
        return _alternatives(get_args(annotation)[0])
    if get_origin(annotation) in (Union, UnionType):
        return [plain for member in get_args(annotation) for plain in _alternatives(member)]
    return [annotation]


def _is_root(annotation: object) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, RootModel)


def _is_model(annotation: object) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)
