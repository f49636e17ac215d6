"""Which alarms fit the kind of load balancer that a service has. Pure.

A Network Load Balancer has metrics of its own, and none of HTTP:
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
    """The alarms for the service's load balancer, by short name.

    Behind a Network Load Balancer the preset's alarms on hosts are on its metrics, and those on
    HTTP are left out. Raises DeclarationError for an alarm of the file's own that is on the other
    kind's metrics, and for one that is composed of one that is left out.
    """
    network = (place.stack.load_balancer or "").startswith("net/")
    fit = dict[str, Alarm]()
    for short, alarm in settings.define.items():
        if network and (own := _of_preset(short, alarm, settings)) is not None:
            if all(each.metric in _HOSTS for each in _metrics(own)):
                fit[short] = _on_network(own)
            continue
        if place.stack.load_balancer is not None:
            _check_namespaces(short, alarm, _APPLICATION if network else _NETWORK, place)
        fit[short] = alarm
    _check_parts(fit, place)
    return fit


def _of_preset(short: str, alarm: Alarm, settings: Settings) -> MetricAlarm | MathAlarm | None:
    """The alarm if it watches the balancer as the preset's does, whatever else was changed."""
    preset = PRESETS.get(settings.preset or "", {}).get(short)
    if preset is None or isinstance(alarm, CompositeAlarm):
        return None
    watched = preset["metrics"].values() if "metrics" in preset else [preset]
    same = {(each.namespace, each.metric, each.of) for each in _metrics(alarm)} == {
        (each.get("namespace"), each.get("metric"), each.get("of")) for each in watched
    }
    return alarm if same and _on(_APPLICATION, alarm) else None


def _on_network(alarm: MetricAlarm | MathAlarm) -> Alarm:
    namespace = {"namespace": _NETWORK}
    if isinstance(alarm, MetricAlarm):
        return alarm.model_copy(update=namespace)
    metrics = {name: each.model_copy(update=namespace) for name, each in alarm.metrics.items()}
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
    """Whether it is about the service's own balancer: given dimensions may name another."""
    metrics = _metrics(alarm)
    return any(each.namespace == namespace and each.dimensions is None for each in metrics)


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
        for each in alarm.references:
            if not each.is_full and each.written not in fit:
                raise DeclarationError(
                    f"The alarm `{short}` refers to `{each.written}`, which is about HTTP, and "
                    f"`{place.service}` stands behind a Network Load Balancer",
                    f"Leave `{each.written}` out of it, or switch it off with `{short}: off`.",
                    ("alarms", "define", short),
                )
