"""The number of calls of a sync without changes.

It reads in the largest batches and pages that each API allows, and one resource at a time where
AWS has no batch.
"""

from collections import Counter
from pathlib import Path

from tests.ops.conftest import Ops
from tests.ops.support import every_kind
from tests.ops.support.copilot_stacks import deploy_environment, deploy_web, deploy_worker


def test_a_sync_of_a_thousand_alarms_without_change_makes_at_most_45_calls(
    ops: Ops, deployed: dict[str, str], workspace: Path, calls: list[str]
) -> None:
    defined = "".join(f"    alarm-{at:03}: {every_kind.ALARM}\n" for at in range(1000))
    (workspace / "copilot/web/ops.yml").write_text(f"alarms:\n  define:\n{defined}")
    assert ops("sync", "--env", "prod").out.count("✔ created") == 1002
    calls.clear()
    second = ops("sync", "--env", "prod")
    assert "Nothing to change: all 1002 are as declared." in second.out
    assert Counter(calls)["DescribeAlarms"] == 10
    # One for each hundred alarms, repositories and topics finds what is no longer declared.
    assert Counter(calls)["GetResources"] <= 11 + 3
    assert len(calls) <= 45


def test_every_kind_reads_in_batches_where_aws_has_them(
    ops: Ops, aws: None, workspace: Path, calls: list[str]
) -> None:
    """There are two services, 102 alarms, three policies (one without an alarm) and four
    filters.
    """
    every_kind.declare(workspace, alarms=101)
    every_kind.deploy()
    assert ops("sync", "--env", "staging").code == 0
    calls.clear()
    assert ops("sync", "--env", "staging").code == 0
    assert Counter(calls) == {
        "ListStackResources": 2,  # one for each service
        "DescribeServices": 1,  # one for each ten services, for the resolution of their metrics
        "DescribeAlarms": 3,  # one for each hundred: two of alarms, one of policies' alarms
        "DescribeRepositories": 1,  # one for each hundred
        "GetLifecyclePolicy": 2,  # one for each repository
        "GetTopicAttributes": 1,  # one for each topic
        "ListSubscriptionsByTopic": 1,  # one for each topic and hundred
        "DescribeScalingPolicies": 1,  # one for each service that scales
        "DescribeMetricFilters": 2,  # one for each service with filters
        "DescribeQueryDefinitions": 1,  # one for each thousand
        "GetDashboard": 1,
        "DescribeScheduledActions": 3,  # one for each service, and one for each that scales
        "DescribeScalableTargets": 3,  # one for each fifty services: of two kinds, and orphans
        "ListQueues": 1,  # one for each thousand whose names begin alike
        "ListRules": 1,  # one for each hundred
        "ListTargetsByRule": 2,  # one for each rule
        "GetAlarmMuteRule": 6,  # one for each rule
        "ListAlarmMuteRules": 1,  # one for each hundred of the account
        "GetResources": 5,  # one for each hundred: two of alarms, and three kinds more
    }


def test_many_services_are_not_asked_about_one_by_one(
    ops: Ops, aws: None, workspace: Path, calls: list[str]
) -> None:
    """Only their stacks are read one by one; orphans are found in pages of the account."""
    environment = deploy_environment("shop", "staging")
    for at in range(60):
        service = f"worker-{at}"
        path = workspace / "copilot" / service / "manifest.yml"
        path.parent.mkdir()
        path.write_text(f"name: {service}\ntype: Backend Service\ncount: {{range: 2-20}}\n")
        deploy_worker("shop", "staging", service)
    deploy_web("shop", "staging", "web", environment["HTTPListener"])
    (workspace / "copilot/worker/ops.yml").unlink()
    assert ops("plan", "--env", "staging").code == 0
    assert Counter(calls).pop("ListStackResources") == 62
    assert len(calls) - 62 <= 25
