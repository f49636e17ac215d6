"""The alarms that fit the type of a service's load balancer. Pure.

A Network Load Balancer has its own metrics, and none about HTTP:
https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-cloudwatch-metrics.html
"""

from collections.abc import Mapping

from ops.base.errors import DeclarationError
from ops.copilot.place import ServicePlace
from ops.kinds.alarms.alarm import Alarm, CompositeAlarm, MathAlarm, Metric, MetricAlarm
from ops.kinds.alarms.presets import PRESETS
from ops.kinds.alarms.settings import Settings

_APPLICATION, _NETWORK = "AWS/ApplicationELB", "AWS/NetworkELB"
_HOSTS = ("HealthyHostCount", "UnHealthyHostCount")  # both kinds have them, under the same names


def fitting(settings: Settings, place: ServicePlace) -> dict[str, Alarm]:
    """Return the alarms that fit the service's load balancer, by short name.

    Behind a Network Load Balancer, the preset's alarms on hosts use its metrics, and those on HTTP
    are omitted. Raise DeclarationError for an alarm of the file on metrics of the other type, and
    for a composite alarm that refers to an omitted one.
    """
    network = (place.stack.load_balancer or "").startswith("net/")
    fit = dict[str, Alarm]()
    for short, alarm in settings.define.items():
        if network and (own := _of_preset(short, alarm, settings)) is not None:
            if all(metric.metric in _HOSTS for metric in _metrics(own)):
                fit[short] = _on_network(own)
            continue
        if place.stack.load_balancer is not None:
            _check_namespaces(short, alarm, _APPLICATION if network else _NETWORK, place)
        fit[short] = alarm
    _check_parts(fit, place)
    return fit


def _of_preset(short: str, alarm: Alarm, settings: Settings) -> MetricAlarm | MathAlarm | None:
    """Return the alarm if it has the preset's metrics of the balancer; None otherwise."""
    preset = PRESETS.get(settings.preset or "", {}).get(short)
    if preset is None or isinstance(alarm, CompositeAlarm):
        return None
    watched = preset["metrics"].values() if "metrics" in preset else [preset]
    same = {(metric.namespace, metric.metric, metric.of) for metric in _metrics(alarm)} == {
        (metric.get("namespace"), metric.get("metric"), metric.get("of")) for metric in watched
    }
    return alarm if same and _on(_APPLICATION, alarm) else None


def _on_network(alarm: MetricAlarm | MathAlarm) -> Alarm:
    namespace = {"namespace": _NETWORK}
    if isinstance(alarm, MetricAlarm):
        return alarm.model_copy(update=namespace)
    metrics = {name: metric.model_copy(update=namespace) for name, metric in alarm.metrics.items()}
    return alarm.model_copy(update={"metrics": metrics})


def _metrics(alarm: Alarm) -> tuple[Metric, ...]:
    match alarm:
        case MathAlarm():
            return tuple(alarm.metrics.values())
        case MetricAlarm():
            return (alarm,)
        case CompositeAlarm():
            return ()


def _on(namespace: str, alarm: Alarm) -> bool:
    """Return whether a metric is of the service's own load balancer; `dimensions` may name another
    one.
    """
    metrics = _metrics(alarm)
    return any(metric.namespace == namespace and metric.dimensions is None for metric in metrics)


def _check_namespaces(short: str, alarm: Alarm, unfit: str, place: ServicePlace) -> None:
    if not _on(unfit, alarm):
        return
    kind, fit = (
        ("a Network", _NETWORK) if unfit == _APPLICATION else ("an Application", _APPLICATION)
    )
    raise DeclarationError(
        f"The alarm `{short}` is on {unfit}, and `{place.service}` stands behind {kind} "
        "Load Balancer, which has no such metrics",
        f"Use {fit} and one of its metrics, give `dimensions`, or remove it with `{short}: off`.",
        ("alarms", "define", short),
    )


def _check_parts(fit: Mapping[str, Alarm], place: ServicePlace) -> None:
    for short, alarm in fit.items():
        if not isinstance(alarm, CompositeAlarm):
            continue
        for reference in alarm.references:
            if not reference.is_full and reference.written not in fit:
                raise DeclarationError(
                    f"The alarm `{short}` refers to `{reference.written}`, which is about HTTP, "
                    f"and `{place.service}` stands behind a Network Load Balancer",
                    f"Leave `{reference.written}` out of it, or switch it off with `{short}: off`.",
                    ("alarms", "define", short),
                )
