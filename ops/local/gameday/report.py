"""The verdict as one HTML page without scripts, for a browser or a pull request. Pure."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from ops.local.gameday.timeline import clock

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ops.local.gameday.evidence import Evidence
    from ops.local.gameday.story import Story
    from ops.local.gameday.verdict import Check

_WIDTH, _HEIGHT = 720, 120
_STYLE = """
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif }
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
table { border-collapse: collapse; width: 100% }
td { padding: .2rem .6rem .2rem 0; vertical-align: top; overflow-wrap: anywhere }
td:first-child { white-space: nowrap }
svg { width: 100%; height: auto; border: 1px solid #8886 }
.failed { color: #c62828; font-weight: 600 } .step { font-weight: 600 }
"""


def page(story: Story, evidence: Evidence, checks: Sequence[Check]) -> str:
    """Return the page."""
    passed = all(check.passed for check in checks)
    verdict = "passed" if passed else '<span class="failed">failed</span>'
    rows = "".join(
        f"<tr><td{'' if result.passed else ' class=failed'}>{'✔' if result.passed else '✗'}</td>"
        f"<td>{escape(result.what)}</td><td>{escape(result.detail)}</td></tr>"
        for result in checks
    )
    timeline = "".join(
        f'<tr class="{escape(entry["kind"])}"><td>{clock(entry["time"])}</td>'
        f"<td>{escape(entry['kind'])}</td>"
        f"<td>{escape(str(entry['subject']).rsplit('/', 1)[-1])}</td>"
        f"<td>{escape(entry['text'])}</td></tr>"
        for entry in evidence.entries
    )
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width"><title>{escape(story.title)}</title>'
        f"<style>{_STYLE}</style><h1>{escape(story.title)}</h1><p>Verdict: {verdict}. "
        f"{escape(story.environment)}, {story.speed:g} times as fast as real time.</p>"
        f"<table>{rows}</table>{_charts(evidence)}<h2>Timeline</h2><table>{timeline}</table></html>"
    )


def _charts(evidence: Evidence) -> str:
    samples = evidence.samples
    if not samples:
        return ""
    charts = [
        _chart(
            f"{service}: desired and running tasks",
            [sample.time for sample in samples],
            [sample.desired.get(service, 0) for sample in samples],
            [sample.running.get(service, 0) for sample in samples],
        )
        for service in samples[-1].desired
    ]
    charts += [
        _chart(
            f"{queue}: messages",
            [sample.time for sample in samples],
            [sample.queues.get(queue, 0) for sample in samples],
        )
        for queue in samples[-1].queues
    ]
    return "".join(charts)


def _chart(title: str, times: Sequence[float], *curves: Sequence[int]) -> str:
    """Return steps over time, the second curve dashed."""
    most = max(1, *(max(curve) for curve in curves))
    length = max(times[-1], 1.0)
    drawn = "".join(
        f'<polyline fill="none" stroke="currentColor" stroke-width="2"'
        f'{" stroke-dasharray=4" if place else ""} points="{_steps(times, curve, length, most)}"/>'
        for place, curve in enumerate(curves)
    )
    return (
        f"<h2>{escape(title)}</h2><p>0 to {most}, until {clock(length)}</p>"
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{escape(title)}">'
        f"{drawn}</svg>"
    )


def _steps(times: Iterable[float], values: Sequence[int], length: float, most: int) -> str:
    points: list[str] = []
    last = values[0]
    for time, value in zip(times, values, strict=True):
        x = _WIDTH * max(0.0, time) / length
        heights = (last, value) if value != last else (value,)
        points += [
            f"{x:.1f},{_HEIGHT - (_HEIGHT - 8) * height / most - 4:.1f}" for height in heights
        ]
        last = value
    return " ".join(points)
