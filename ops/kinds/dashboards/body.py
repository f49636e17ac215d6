"""A dashboard's body in AWS's form and in the form of plans. Pure.

AWS keeps a list of widgets:
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
Plans have a mapping from titles to widgets, so that a difference names the graph it is in, and
`titles`, which differ once somebody adds or removes a widget. There, a widget's `at` is its x, y,
width and height, and its properties are next to `at`.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ops.plan.model import Json

_PLACE = ("x", "y", "width", "height")


def as_properties(body: Mapping[str, Any]) -> dict[str, Json]:
    """Return a body as plans compare it, with the shorthand of its metrics expanded."""
    widgets = _by_title(body.get("widgets", []))
    rest = {key: value for key, value in body.items() if key != "widgets"}
    return {**rest, "titles": sorted(widgets), "widgets": widgets}


def as_body(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Return the body with the widgets of `titles` and no others."""
    rest = {key: value for key, value in properties.items() if key not in ("titles", "widgets")}
    widgets = [_as_kept(title, properties["widgets"][title]) for title in properties["titles"]]
    widgets.sort(key=lambda widget: (widget["y"], widget["x"]))
    return {**rest, "widgets": widgets}


def _as_kept(title: str, planned: Mapping[str, Any]) -> dict[str, Any]:
    properties = {key: value for key, value in planned.items() if key not in ("type", "at")}
    if planned["type"] != "text":
        properties["title"] = title
    place = dict(zip(_PLACE, planned["at"], strict=True))
    return {"type": planned["type"], **place, "properties": properties}


def _by_title(widgets: Iterable[Mapping[str, Any]]) -> dict[str, Json]:
    titled: dict[str, Json] = {}
    for widget in widgets:
        title = base = _title(widget)
        number = 1
        while title in titled:
            number += 1
            title = f"{base} ({number})"
        titled[title] = _written_out(widget)
    return titled


def _title(widget: Mapping[str, Any]) -> str:
    """Return a widget's title, or the first line of its text."""
    properties = widget.get("properties", {})
    text: str = properties.get("title") or properties.get("markdown") or str(widget.get("type"))
    return text.strip().partition("\n")[0].lstrip("# ").strip()


def _written_out(widget: Mapping[str, Any]) -> dict[str, Json]:
    properties = dict(widget.get("properties", {}))
    properties.pop("title", None)
    if "metrics" in properties:
        properties["metrics"] = _metrics_written_out(properties["metrics"])
    place = [widget.get(key) for key in _PLACE]
    return {"type": widget.get("type"), "at": place, **properties}


def _metrics_written_out(metrics: Sequence[Sequence[Any]]) -> list[Json]:
    """Expand `.`, which repeats the field above it, and `...`, which repeats all omitted fields."""
    before: list[Any] = []
    lines = list[Json]()
    for metric in metrics:
        names = [part for part in metric if not isinstance(part, Mapping)]
        options = [part for part in metric if isinstance(part, Mapping)]
        if "..." in names:
            at = names.index("...")
            kept = len(before) - len(names) + 1
            names[at : at + 1] = before[at : max(at, kept + at)]
        names = [
            before[at] if part == "." and at < len(before) else part
            for at, part in enumerate(names)
        ]
        before = names or before
        lines.append([*names, *options])
    return lines
