"""DescribeAlarms by name: 100 names a call, metric and composite alarms alike."""

from typing import Any

from ops.aws.alarms import describe_alarms


class Client:
    """A CloudWatch with one composite alarm; every other name is that of a metric alarm."""

    def __init__(self) -> None:
        self.requests: list[dict[str, Any]] = []

    def describe_alarms(self, **request: Any) -> dict[str, Any]:  # noqa: ANN401
        self.requests.append(request)
        alarms = [{"AlarmName": name} for name in request["AlarmNames"]]
        return {
            "MetricAlarms": [alarm for alarm in alarms if alarm["AlarmName"] != "a-000"],
            "CompositeAlarms": [alarm for alarm in alarms if alarm["AlarmName"] == "a-000"],
        }


def test_101_names_take_two_calls() -> None:
    client, names = Client(), [f"a-{number:03}" for number in range(101)]
    assert sorted(alarm["AlarmName"] for alarm in describe_alarms(client, names)) == names
    assert sorted(len(request["AlarmNames"]) for request in client.requests) == [1, 100]
    assert all(request["MaxRecords"] == 100 for request in client.requests)


def test_no_name_takes_no_call() -> None:
    client = Client()
    assert not describe_alarms(client, [])
    assert not client.requests
