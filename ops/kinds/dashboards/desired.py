"""The desired dashboard of an environment. Pure: settings and names in, properties out."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ops.base.errors import OpsError
from ops.copilot.place import EnvironmentPlace, ServicePlace
from ops.kinds.alarms.desired import desired as alarms_of
from ops.kinds.dashboards.body import as_properties
from ops.kinds.dashboards.graphs import Graph, graphs_of, running
from ops.kinds.dashboards.settings import Prices, Settings
from ops.kinds.log_metrics.desired import metrics as log_metrics_of
from ops.kinds.scaling.desired import ALARM
from ops.kinds.scaling.desired import desired as scaling_of
from ops.plan.model import Resource

_COLUMNS = 24  # of every dashboard
_WIDTH = _HEIGHT = 6
_MOST_ALARMS = 100  # that one widget takes
_MOST_WIDGETS = 500  # that one dashboard takes: see the page at `body`
_ALARMS_ABREAST = 4
_HOURS = 720  # in thirty days


def desired(settings: Settings, place: EnvironmentPlace) -> list[Resource]:
    """Return the dashboard `<application>-<environment>`; nothing before a service is deployed.

    Raise OpsError if the alarms or the policies of a service are unknown, or if there are more
    graphs than CloudWatch allows.
    """
    if not place.services:
        return []
    grid = _Grid()
    grid.text(_header(place), height=2)
    for alarms in _alarm_widgets(place):
        grid.wide(alarms)
    if settings.prices is not None:
        region = place.services[0].stack.region  # pragma: no mutate - that of all
        grid.graphs(_costs(settings.prices, place), region)
    for service in place.services:
        grid.text(f"## {service.service}", height=1)
        declared = service.declared.get("log_metrics")
        log_metrics = [] if declared is None else list(log_metrics_of(declared, service))
        grid.graphs(graphs_of(service, log_metrics), service.stack.region)
    body = {"start": "-PT3H", "periodOverride": "auto", "widgets": grid.widgets}
    name = f"{place.application}-{place.environment}"
    if len(grid.widgets) > _MOST_WIDGETS:
        raise OpsError(
            f"The dashboard {name} of {len(place.services)} services would have "
            f"{len(grid.widgets)} widgets, and CloudWatch allows {_MOST_WIDGETS}",
            "In copilot/ops.yml, declare `dashboards` under `environments:` of smaller "
            "environments only.",
        )
    return [Resource(name, as_properties(body), place.tags)]


class _Grid:
    """A grid of widgets, filled from left to right and downwards."""

    def __init__(self) -> None:
        self.widgets: list[dict[str, Any]] = []
        self._y = 0

    def text(self, markdown: str, *, height: int) -> None:
        self.wide({"type": "text", "height": height, "properties": {"markdown": markdown}})

    def wide(self, widget: dict[str, Any]) -> None:
        self.widgets.append({**widget, "x": 0, "y": self._y, "width": _COLUMNS})
        self._y += widget["height"]

    def graphs(self, graphs: Iterator[Graph], region: str) -> None:
        abreast = _COLUMNS // _WIDTH
        number = -1
        for number, graph in enumerate(graphs):
            row, column = divmod(number, abreast)
            self.widgets.append(
                {
                    "type": "metric",
                    "x": column * _WIDTH,
                    "y": self._y + row * _HEIGHT,
                    "width": _WIDTH,
                    "height": _HEIGHT,
                    "properties": graph.properties(region),
                }
            )
        self._y += (number // abreast + 1) * _HEIGHT


def _header(place: EnvironmentPlace) -> str:
    """Return the text that names the source of the dashboard, as AWS recommends.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutDashboard.html
    """
    return (
        f"# {place.application}, {place.environment}\n"
        "Made by `ops` from `copilot/ops.yml`. The next `ops sync` overwrites changes made here: "
        "save a copy under another name instead."
    )


def _alarm_widgets(place: EnvironmentPlace) -> Iterator[dict[str, Any]]:
    shown = (("alarms", _alarms), ("scaling: in ALARM while it changes the tasks", _scaling))
    for title, of in shown:
        arns = [_arn(name, service) for service in place.services for name in of(service)]
        for start in range(0, len(arns), _MOST_ALARMS):
            some = arns[start : start + _MOST_ALARMS]
            # A title of one row, then a row for each four alarms.
            height = 2 + -(-len(some) // _ALARMS_ABREAST)
            properties = {"title": title, "alarms": some, "sortBy": "stateUpdatedTimestamp"}
            yield {"type": "alarm", "height": height, "properties": properties}


def _alarms(place: ServicePlace) -> Sequence[str]:
    """Return the names of the alarms that the service declares, whether or not they exist yet."""
    declared = place.declared.get("alarms")
    return [] if declared is None else [alarm.name for alarm in alarms_of(declared, place)]


def _scaling(place: ServicePlace) -> Sequence[str]:
    """Return the alarms of the service's scaling policies; AWS names those of target tracking."""
    declared = place.declared.get("scaling")
    policies = [] if declared is None else scaling_of(declared, place)
    alarms = [policy.properties.get(ALARM) for policy in policies]
    return [str(alarm["AlarmName"]) for alarm in alarms if isinstance(alarm, Mapping)]


def _arn(alarm: str, place: ServicePlace) -> str:
    stack = place.stack
    return f"arn:{stack.partition}:cloudwatch:{stack.region}:{stack.account}:alarm:{alarm}"


def _costs(prices: Prices, place: EnvironmentPlace) -> Iterator[Graph]:
    """Return the cost of the running tasks at on-demand Fargate prices.

    The task size comes from the manifest; Spot, load balancers, NAT and logs are excluded.
    """
    metrics: list[list[Any]] = []
    keys: list[str] = []
    for number, service in enumerate(place.services):
        size = service.workload.size
        if size is None:
            continue
        hourly = size.vcpus * prices.vcpu_hour + size.memory_gb * prices.gb_hour
        samples, (count,) = running(service, f"running{number}")
        key = f"cost{number}"
        expression = f"{count['id']} * {hourly:.6g}"
        metrics += [
            samples,
            [{**count, "visible": False}],
            [{"id": key, "label": service.service, "expression": expression}],
        ]
        keys.append(key)
    if not keys:
        return
    unit = f"{prices.currency} an hour"
    yield Graph("cost of running tasks", metrics, unit, extra={"stacked": True})
    hidden = [[*metric[:-1], {**metric[-1], "visible": False}] for metric in metrics]
    sums = " + ".join(f"FILL({key}, 0)" for key in keys)
    month = {"id": "month", "label": prices.currency, "expression": f"({sums}) * {_HOURS}"}
    yield Graph(
        "cost of 30 days like this",
        [*hidden, [month]],
        prices.currency,
        # Else it is the latest minute times 720. The whole range as one period is what `running`
        # divides the samples by, which leaves the range's average.
        extra={"view": "singleValue", "setPeriodToTimeRange": True},
    )
