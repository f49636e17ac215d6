"""Each `ops.yml` agrees with the rendered templates."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import ops.kinds.alarms.settings
import ops.kinds.scaling.settings
import ops.kinds.topics.settings
from ops.base.kinds import KINDS
from ops.copilot.place import ServicePlace, ServiceStack
from ops.copilot.workload import TaskRange, Workload
from ops.copilot.workspace import ServiceSettings, load_workspace
from ops.kinds.alarms.desired import desired as desired_alarms
from ops.kinds.topics.names import topic_name
from tests.workspace.rendering import ENVIRONMENTS

if TYPE_CHECKING:
    from pydantic import BaseModel

    from tests.workspace.conftest import Rendered

_KINDS = {kind.name: kind for kind in KINDS}
_STACK = ServiceStack("stack", "cluster", "service", target_group="group", load_balancer="balancer")


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_rollback_waits_for_alarms_that_ops_makes(rendered: Rendered, environment: str) -> None:
    settings = _declared("alarms", "api", environment)
    assert isinstance(settings, ops.kinds.alarms.settings.Settings)
    workload = Workload(tasks=TaskRange(1, 2))
    made = desired_alarms(settings, ServicePlace("amply", environment, "api", _STACK, workload))
    path = "Service/DeploymentConfiguration/Alarms/AlarmNames"
    waited_for = rendered.service("api", environment).value(path)
    assert isinstance(waited_for, list)
    assert set(waited_for) <= {alarm.name for alarm in made}


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_worker_is_scaled_on_the_queue_of_its_environment(
    rendered: Rendered, environment: str
) -> None:
    settings = _declared("scaling", "worker", environment)
    assert isinstance(settings, ops.kinds.scaling.settings.Settings)
    assert settings.queue_depth is not None
    assert settings.queue_depth.queue is None  # so it is the service's own
    queue = _settings("worker", environment).queue
    assert queue is not None
    made = rendered.environment_addons(environment)
    assert queue.name == made.value("CeleryQueue/QueueName")
    assert queue.dead_letters == made.value("CeleryDeadLetterQueue/QueueName")


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_rules_publish_as_a_role_that_may_publish_to_the_topics_alone(
    rendered: Rendered, environment: str
) -> None:
    settings = load_workspace(Path(__file__).parents[2]).settings(environment).of(_KINDS["topics"])
    assert isinstance(settings, ops.kinds.topics.settings.Settings)
    made = rendered.environment_addons(environment)
    assert made.value("EventsRole/RoleName") == settings.events_role
    (trust,) = made.items("EventsRole/AssumeRolePolicyDocument/Statement")
    assert trust["Principal"] == {"Service": "events.amazonaws.com"}
    (allowed,) = made.items("EventsRole/Policies/0/PolicyDocument/Statement")
    assert allowed["Action"] == "sns:Publish"
    topics = {arn.rsplit(":", 1)[-1] for arn in allowed["Resource"]}
    assert topics == {topic_name("amply", environment, each) for each in settings.topics}


def _declared(kind: str, service: str, environment: str) -> BaseModel | None:
    return _settings(service, environment).of(_KINDS[kind])


def _settings(service: str, environment: str) -> ServiceSettings:
    workspace = load_workspace(Path(__file__).parents[2])
    return workspace.service_settings(service, environment)
