"""The section `alarms` of a service's `ops.yml`: a preset, changes to it, and other alarms."""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Union

from pydantic import Field, PlainValidator, ValidationError, create_model, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

from ops.base.fields import Count, Section, Text
from ops.kinds.alarms.alarm import Alarm, CompositeAlarm, Link, MathAlarm, MetricAlarm, Name
from ops.kinds.alarms.presets import PRESETS
from ops.kinds.alarms.rule import depths
from ops.kinds.alarms.stores import alarms_of_stores

_MODELS = (MetricAlarm, MathAlarm, CompositeAlarm)
_OFF = (False, "off")
_SILENCED = re.compile(r" AND NOT ALARM\(([^)]+)\)")  # in the rules of presets

# The fields that `define` accepts: any, because a preset may give the others.
# (Annotated requires a second argument if a field has no constraints, hence the None.)
_FIELDS: dict[str, Any] = {
    name: (Annotated[field.annotation, *field.metadata, None] | None, None)
    for model in _MODELS
    for name, field in model.model_fields.items()
}
_Written: Any = create_model(
    "AlarmOrChange",
    __base__=Section,
    __doc__="An alarm, or the changed fields of an alarm of the preset; `off` switches it off.",
    **_FIELDS,
)


def _alarm(written: object) -> Alarm:
    """Choose the type of alarm by its fields."""
    if isinstance(written, _MODELS):
        return written
    return _kind(written).model_validate(written)


def _kind(written: object) -> type[MetricAlarm | MathAlarm | CompositeAlarm]:
    has = written if isinstance(written, Mapping) else {}
    if "rule" in has:
        return CompositeAlarm
    return MathAlarm if "expression" in has else MetricAlarm


_Definition = Annotated[
    Alarm,
    PlainValidator(_alarm, json_schema_input_type=Union[_Written, Literal[False, "off"]]),  # noqa: UP007
]


class Redis(Section):
    """A Redis in ElastiCache that the service needs."""

    cluster: Text  # the id of the node, such as `shop-001`


class Postgres(Section):
    """A PostgreSQL in RDS that the service needs."""

    instance: Text  # the id of the instance
    max_connections: Count | None = Field(None, ge=1)  # without it there is no alarm on connections


class Settings(Section):
    """The alarms of a service: those of its `preset`, changed or joined by those of `define`.

    An alarm is called `<prefix><short name>`. Names are unique in an account and region, so the
    prefix must tell environments apart.
    """

    preset: Literal["service", "load-balanced", "queue-worker", "scheduler"] | None = None
    prefix: str | None = Field(
        default=None, pattern=r"^[^\"\x00-\x1f]*$"
    )  # `<app>-<env>-<service>-`
    runbooks: Link | None = None  # directory or URL; `<runbooks>/<short name>.md` is linked
    redis: Redis | None = None  # adds alarms on a Redis; in one service
    postgres: Postgres | None = None  # adds alarms on a PostgreSQL; in one service
    define: dict[Name, _Definition] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _with_preset(cls, data: Any) -> Any:  # noqa: ANN401  # as it stands in the file
        """Merge the definitions into the preset's alarms, and omit those that are off."""
        written = data.get("define") or {} if isinstance(data, Mapping) else None
        if not isinstance(written, Mapping):
            return data
        preset = {**PRESETS.get(str(data.get("preset")), {}), **alarms_of_stores(data)}
        names = [*preset, *(name for name in written if name not in preset)]
        defined = {
            name: _overlaid(preset.get(name, {}), written.get(name, {}))
            for name in names
            if written.get(name) not in _OFF
        }
        for name in defined.keys() & preset.keys() - written.keys():
            defined[name] = _without_absent(defined[name], defined)
        _check_left_open(str(data.get("preset")), preset, defined)
        return {**data, "define": defined}

    @model_validator(mode="after")
    def _check_references(self) -> "Settings":
        problems = [
            _problem(name, _unknown(reference.written))
            for name, alarm in self.define.items()
            if isinstance(alarm, CompositeAlarm)
            for reference in alarm.references
            if not reference.is_full and reference.written not in self.define
        ]
        if not problems:
            try:
                self.depths()
            except ValueError as error:
                circular = str(error).rsplit(" ", 1)[-1]
                problems.append(_problem(circular, str(error)))
        if problems:
            raise ValidationError.from_exception_data("Settings", problems)
        return self

    def depths(self) -> dict[str, int]:
        """Return 0 for an alarm on numbers, else one more than those it refers to, by name."""
        return depths(
            {
                name: tuple(
                    reference.written for reference in alarm.references if not reference.is_full
                )
                if isinstance(alarm, CompositeAlarm)
                else ()
                for name, alarm in self.define.items()
            }
        )


def _overlaid(preset: Mapping[str, Any], written: Any) -> Any:  # noqa: ANN401
    """Return a definition with the missing fields from the preset; a whole alarm gets none."""
    if not isinstance(written, Mapping) or not preset:
        return written
    watches = ("rule", "expression", "metric")
    is_whole = "summary" in written and any(key in written for key in watches)
    other_kind = any(key in written for key in watches) and _kind(written) is not _kind(preset)
    return written if is_whole or other_kind else {**preset, **written}


def _without_absent(alarm: Mapping[str, Any], defined: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a preset's alarm without suppressors that are switched off."""
    left = dict(alarm)
    if "suppressed_by" in left and left["suppressed_by"]["alarm"] not in defined:
        del left["suppressed_by"]
    if "rule" in left:
        left["rule"] = _SILENCED.sub(
            lambda match: match[0] if match[1] in defined else "", left["rule"]
        )
    return left


def _check_left_open(
    preset_name: str, preset: Mapping[str, Any], defined: Mapping[str, Any]
) -> None:
    """Raise ValidationError for an alarm without a metric, because a preset cannot know custom
    metrics.
    """
    problems = [
        _problem(
            name,
            f"the preset `{preset_name}` leaves the metric to you: give `namespace`, `metric` and "
            f"`dimensions`, or switch it off with `{name}: off`",
        )
        for name in preset
        if isinstance(alarm := defined.get(name), Mapping)
        and _kind(alarm) is MetricAlarm
        and not ("namespace" in alarm and "metric" in alarm)
    ]
    if problems:
        raise ValidationError.from_exception_data("Settings", problems)


def _unknown(name: str) -> str:
    return (
        f"refers to `{name}`, which is not among the alarms of this file: define it, switch this "
        f'one off too, or write the full name of another alarm as "{name}" in double quotes'
    )


def _problem(name: str, message: str) -> InitErrorDetails:
    kind = PydanticCustomError("value_error", "{error}", {"error": message})
    return InitErrorDetails(type=kind, loc=("define", name), input=None)
