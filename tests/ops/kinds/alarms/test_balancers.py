"""Alarms behind a Network Load Balancer, which has other metrics and no HTTP."""

from dataclasses import replace

import pytest

from ops.base.errors import DeclarationError
from ops.copilot.place import ServicePlace
from tests.ops.kinds.alarms.preset_alarms import STACK, place, resources


def behind_a_network_balancer() -> ServicePlace:
    return place(stack=replace(STACK, load_balancer="net/shop/1"))


def test_behind_a_network_balancer_hosts_are_watched_and_http_is_not() -> None:
    made = resources(
        "load-balanced", {"no-healthy": {"evaluation_periods": 3}}, behind_a_network_balancer()
    )
    left_out = {"server-errors", "balancer-errors", "high-latency"}
    assert resources("load-balanced").keys() - made.keys() == left_out
    for each in made["mostly-unhealthy"].properties["Metrics"].values():
        assert each["MetricStat"] is None or "NetworkELB" in str(each["MetricStat"])
    for name in ("unhealthy", "no-healthy"):
        assert made[name].properties["Namespace"] == "AWS/NetworkELB"
        assert {"Name": "LoadBalancer", "Value": "net/shop/1"} in made[name].properties[
            "Dimensions"
        ]
    assert made["no-healthy"].properties["EvaluationPeriods"] == 3
    assert made["overloaded"].properties["ActionsSuppressor"] == "shop-prod-web-no-healthy"


OWN = {
    "summary": "Mine.",
    "namespace": "AWS/ApplicationELB",
    "metric": "RequestCount",
    "threshold": 1,
    "missing_data": "ignore",
}


def test_an_alarm_of_ones_own_fits_its_balancer_or_is_an_error() -> None:
    with pytest.raises(DeclarationError, match="stands behind a Network Load Balancer") as raised:
        resources("service", {"own": OWN}, behind_a_network_balancer())
    assert raised.value.location == ("alarms", "define", "own")
    with pytest.raises(DeclarationError, match="stands behind an Application Load Balancer"):
        resources("service", {"own": {**OWN, "namespace": "AWS/NetworkELB"}})
    elsewhere = {**OWN, "dimensions": {"LoadBalancer": "app/other/2"}}
    assert "own" in resources("service", {"own": elsewhere}, behind_a_network_balancer())


def test_what_is_composed_of_what_is_left_out_is_an_error() -> None:
    both = {"summary": "Both.", "rule": "ALARM(server-errors) AND ALARM(high-cpu)"}
    with pytest.raises(DeclarationError, match="refers to `server-errors`, which is about HTTP"):
        resources("load-balanced", {"both": both}, behind_a_network_balancer())
