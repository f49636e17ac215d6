"""The reference of the presets, generated from them: `python -m ops.reference.alarms`."""

from collections.abc import Iterator, Mapping
from typing import Any

import click

from ops.kinds.alarms.presets import PRESETS, Preset
from ops.kinds.alarms.stores import stores
from ops.kinds.events.desired import PRESET as EVENTS

_HEAD = """# Presets of alarms

Made from the code by `make docs`. `alarms: {preset: NAME}` in a service's `ops.yml` creates these,
each called `<prefix><alarm>`. Its link has its meaning; [how to change them](../how-to/alarms.md).
M/N: M of the last N periods must breach. "of" names the source of the metric's dimensions;
`min-tasks` and `max-tasks` are the bounds of the manifest's `count`. The sample count of AWS/ECS is
the number of tasks: where ECS reports every 20 seconds, ops triples the threshold, and divides the
count in an `expression` by three. Behind a Network Load Balancer the three alarms on health use
the same metrics of AWS/NetworkELB, and there are no alarms on HTTP.
"""
_STORES = """# Alarms of stores

`alarms: {redis: {cluster: ID}}` and `alarms: {postgres: {instance: ID}}`, with or without a preset.
`postgres-connections` needs `max_connections` (here 100), and warns at four fifths.
"""
_COLUMNS = ("alarm", "severity", "in ALARM when; M/N; no data is")


def reference() -> str:
    """Return the page in Markdown; the alarms of every preset are in the section `service` only."""
    sections = (line for name, preset in PRESETS.items() for line in _preset(name, preset))
    return "\n".join([_HEAD, *sections, *_stores(), *_events()]).rstrip() + "\n"


def _preset(name: str, preset: Preset) -> Iterator[str]:
    service = PRESETS["service"]
    has_all = name != "service" and all(
        preset.get(alarm_name) == service[alarm_name] for alarm_name in service
    )
    own = {key: alarm for key, alarm in preset.items() if key not in service or not has_all}
    yield from _section(name, own, "All of [service](#service), and:\n" if has_all else "")


def _stores() -> Iterator[str]:
    yield _STORES
    for name, preset in stores().items():
        yield from _section(name, preset)


def _events() -> Iterator[str]:
    yield "# Events\n"
    yield "`events: {preset: service}` creates the rules `<app>-<env>-<service>-<event>`.\n"
    yield "| event | severity | reports |"
    yield "|---|---|---|"
    for name, event in EVENTS.items():
        yield f"| [`{name}`](../runbooks/{name}.md) | {event.severity} | {event.summary} |"


def _section(name: str, preset: Preset, introduction: str = "") -> Iterator[str]:
    yield f"## {name}\n"
    if introduction:
        yield introduction
    yield f"| {' | '.join(_COLUMNS)} |"
    yield f"|{'---|' * len(_COLUMNS)}"
    for short_name, alarm in preset.items():
        yield f"| {' | '.join(_row(short_name, alarm))} |"
    yield ""


def _row(short_name: str, alarm: Mapping[str, Any]) -> tuple[str, ...]:
    return (
        f"[`{short_name}`](../runbooks/{short_name}.md)",
        alarm.get("severity", "-"),
        _condition(alarm) + (f"; {_evaluation(alarm)}" if "rule" not in alarm else ""),
    )


def _evaluation(alarm: Mapping[str, Any]) -> str:
    periods = alarm["evaluation_periods"]
    return f"{alarm.get('datapoints', periods)}/{periods}; {alarm['missing_data']}"


def _condition(alarm: Mapping[str, Any]) -> str:
    if "rule" in alarm:
        suppression = alarm.get("suppressed_by")
        silent = f", silent while `{suppression['alarm']}` is" if suppression else ""
        return f"`{alarm['rule']}`{silent}"
    limit = f"{alarm.get('comparison', '>=')} {alarm['threshold']}"
    if "expression" in alarm:
        metrics = (f"`{name}`: {_metric(metric)}" for name, metric in alarm["metrics"].items())
        return f"`{alarm['expression']}` {limit}; {'; '.join(metrics)}"
    return f"{_metric(alarm)} {limit}"


def _metric(metric: Mapping[str, Any]) -> str:
    if "metric" not in metric:
        return f"{metric['statistic']} of a metric that you name"
    of = f" of {metric['of']}" if "of" in metric else ""
    statistic = metric.get("statistic", "Average")
    return f"{statistic} of {metric['namespace']} {metric['metric']}{of}"


if __name__ == "__main__":
    click.echo(reference(), nl=False)
