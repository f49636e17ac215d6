"""The reasons for a service's task count, as sentences, from made-up states."""

from dataclasses import replace

from ops.aws.autoscaling.values import ScalingActivity, ScalingPolicy
from ops.base.errors import OpsError
from ops.copilot.workload import TaskRange
from ops.oncall.status.reasons import reasons
from ops.oncall.status.snapshot import Alarm, Counts
from tests.ops.oncall.status.moments import (
    DEPTH,
    FINE,
    HIGH,
    LOW,
    NOW,
    TARGET_ID,
    ago,
    deployment,
    held_back,
    said,
    scaled,
    scaling,
    scheduled,
    state,
)


def test_a_quiet_service() -> None:
    assert reasons(state(), NOW) == [
        "5 tasks run, which is the desired count.",
        "It may have 2 to 20 tasks, as its manifest says.",
        "Scaling has not changed the count recently.",
        "Policy ops-queue-depth asks for nothing: none of its alarms is in ALARM.",
    ]


def test_tasks_that_do_not_come_up_have_what_ecs_said() -> None:
    stuck = Counts(5, 3, 0, (deployment(),), "(service worker) was unable to place a task.")
    text = said(state(counts=stuck))
    assert "3 run and 0 are starting, of 5 desired tasks." in text
    assert "Latest ECS event: (service worker) was unable to place a task." in text
    starting = replace(stuck, pending=2)
    assert "ECS said last" not in said(state(counts=starting))


def test_a_deployment_under_way() -> None:
    new = deployment(rollout="IN_PROGRESS", running=2, failed=1, began=ago(minutes=3))
    old = deployment(status="ACTIVE", revision="shop-worker:6")
    text = said(state(counts=Counts(5, 5, 2, (new, old))))
    assert (
        "A deployment of shop-worker:7 has been in progress for 3 min: 2 of its 5 tasks run, 1 "
        "have failed. Until it completes, AWS adds tasks but removes none." in text
    )


def test_a_deployment_that_failed() -> None:
    failed = deployment(rollout="FAILED", reason="tasks failed to start.")
    text = said(state(counts=Counts(5, 5, 0, (failed,))))
    assert "The last deployment, shop-worker:7, failed: tasks failed to start." in text


def test_a_count_that_nothing_scales() -> None:
    fixed = state(scaling=None, manifest=TaskRange(5, 5))
    assert "Nothing scales it" in said(fixed)
    assert "The manifest also says 5." in said(fixed)
    by_hand = said(state(scaling=None, manifest=TaskRange(2, 2)))
    assert "The manifest says 2, so a user or another tool set the count" in by_hand
    not_deployed = said(state(scaling=None))
    assert "The manifest says 2 to 20, but its scaling is not deployed" in not_deployed


def test_limits_that_the_manifest_does_not_have() -> None:
    text = said(state(desired=0, scaling=scaling(least=0, most=0)))
    assert "It may have 0 tasks. Its manifest says 2 to 20, so" in text
    assert "has changed it since" in text


def test_a_count_outside_of_its_limits_and_one_at_the_top() -> None:
    assert "30 is outside these limits" in said(state(desired=30))
    assert "20 is the maximum, so a policy that asks for more has no effect." in said(
        state(desired=20)
    )
    assert "is the most" not in said(state(desired=19))


def test_what_is_suspended() -> None:
    text = said(state(scaling=scaling(suspended=("scaling in", "scheduled scaling"))))
    assert "Scaling in is suspended: no policy removes tasks." in text
    assert "Scheduled scaling is suspended: no scheduled action runs." in text


def test_the_last_change_and_what_was_there_before() -> None:
    activities = (scaled(5, ago(minutes=4)), scaled(3, ago(minutes=9)))
    text = said(state(scaling=scaling(activities=activities)))
    assert (
        "4 min ago scaling changed the count from 3 to 5: policy ops-queue-depth, "
        f"by its alarm {HIGH}." in text
    )
    assert "something else" not in text
    assert "Cooldown" not in text  # 60 s, and 4 min have passed


def test_a_count_that_scaling_did_not_set() -> None:
    text = said(state(desired=9, scaling=scaling(activities=(scaled(5, ago(minutes=4)),))))
    assert "Since then a deployment, a user or another tool has set it to 9" in text


def test_cooldowns_by_the_way_it_went() -> None:
    out = (scaled(5, ago(seconds=20)), scaled(3, ago(minutes=9)))
    text = said(state(scaling=scaling(activities=out)))
    assert "Cooldown: for another 40 s the tasks just added count as capacity" in text
    into = (scaled(5, ago(seconds=20), LOW), scaled(8, ago(minutes=9)))
    text = said(state(scaling=scaling(activities=into)))
    assert "Cooldown: for another 4 min 40 s no more tasks are removed" in text
    by_alarm = (scaled(5, ago(seconds=20), LOW),)  # what was before is not told
    assert "no more tasks are removed" in said(state(scaling=scaling(activities=by_alarm)))


def test_a_change_by_a_schedule_is_told_in_its_own_words() -> None:
    change = ScalingActivity(
        ago(hours=2),
        None,
        "Successful",
        "Setting desired count to 5.",
        "scheduled action night ran",
        resource_id=TARGET_ID,
    )
    text = said(state(scaling=scaling(activities=(change,))))
    assert "2 h ago scaling changed the count to 5: scheduled action night ran." in text


def test_what_was_held_back_since() -> None:
    at_most = held_back("AlreadyAtMaxCapacity", when=ago(minutes=1))
    text = said(state(scaling=scaling(activities=(at_most, scaled(20, ago(hours=1))))))
    assert "1 min ago scaling held back, because it already had the maximum number of tasks" in text
    assert "1 h ago scaling changed the count to 20" in text
    older = (scaled(5, ago(minutes=1)), held_back("AlreadyAtMaxCapacity", when=ago(hours=1)))
    assert "held back" not in said(state(scaling=scaling(activities=older)))
    new_code = held_back("SomethingNew", when=ago(minutes=1))
    assert "because SomethingNew" in said(state(scaling=scaling(activities=(new_code,))))


def test_an_attempt_that_failed_or_goes_on() -> None:
    failed = replace(scaled(6, ago(minutes=1)), status="Failed", message="ECS said no.")
    text = said(state(scaling=scaling(activities=(failed,))))
    assert "1 min ago scaling did not succeed (Failed): ECS said no." in text
    going = replace(scaled(6, ago(seconds=2)), status="InProgress")
    assert "Scaling is in progress: Setting desired count to 6." in said(
        state(scaling=scaling(activities=(going,)))
    )


def test_a_policy_that_asks_for_more() -> None:
    high = Alarm(HIGH, "ALARM", ago(minutes=5), "Threshold Crossed: 3 datapoints.")
    text = said(state(policy_alarms=(high, FINE[1])))
    assert (
        f"Policy ops-queue-depth asks for more tasks: {HIGH} is in ALARM since "
        "2026-11-24 11:55 UTC: Threshold Crossed: 3 datapoints." in text
    )
    silenced = replace(high, silenced=True)
    assert "its actions are disabled" in said(state(policy_alarms=(silenced, FINE[1])))


def test_a_policy_that_asks_for_fewer_and_may_not_get_them() -> None:
    low = Alarm(LOW, "ALARM", ago(minutes=20), "", rises=False)
    alarms = (FINE[0], low)
    assert "asks for fewer tasks" in said(state(policy_alarms=alarms))
    at_least = said(state(desired=2, policy_alarms=alarms))
    assert "It has its minimum, 2, so none are removed." in at_least
    one_way = scaling(policies=(replace(DEPTH, tracking={"DisableScaleIn": True}),))
    assert "its scale-in is disabled" in said(state(scaling=one_way, policy_alarms=alarms))


def test_tasks_go_only_when_all_tracking_policies_agree() -> None:
    """AWS removes tasks only if every target tracking policy agrees.

    https://docs.aws.amazon.com/autoscaling/application/userguide/target-tracking-scaling-policy-overview.html#target-tracking-multiple-scaling-policies
    """
    low = Alarm(LOW, "ALARM", ago(minutes=20), "", rises=False)
    cpu = replace(DEPTH, name="cpu", alarms=("cpu-high", "cpu-low"))
    others = (Alarm("cpu-high", "OK", NOW, ""), Alarm("cpu-low", "OK", NOW, "", rises=False))
    both = scaling(policies=(DEPTH, cpu))
    text = said(state(scaling=both, policy_alarms=(FINE[0], low, *others)))
    assert "That alone removes none: cpu does not agree" in text
    agreed = (FINE[0], low, others[0], replace(others[1], state="ALARM"))
    assert "does not agree" not in said(state(scaling=both, policy_alarms=agreed))
    step = scaling(policies=(DEPTH, replace(cpu, type="StepScaling")))
    alone = said(state(scaling=step, policy_alarms=(FINE[0], low, *others)))
    assert "does not agree" not in alone


def test_step_policies_go_their_own_way() -> None:
    more, less = ({"StepAdjustments": [{"ScalingAdjustment": count}]} for count in (1, -1))
    step = ScalingPolicy("from-zero", "StepScaling", ("any",), steps=more, resource_id=TARGET_ID)
    alarm = Alarm("any", "ALARM", NOW, "")
    text = said(state(scaling=scaling(policies=(step,)), policy_alarms=(alarm,)))
    assert "Policy from-zero asks for more tasks" in text
    fewer = replace(step, name="idle", steps=less)
    text = said(state(scaling=scaling(policies=(fewer,)), policy_alarms=(alarm,)))
    assert "Policy idle asks for fewer tasks" in text


def test_policies_without_data_and_no_policy() -> None:
    blind = tuple(replace(each, state="INSUFFICIENT_DATA") for each in FINE)
    assert "asks for nothing: its alarms have too little data." in said(state(policy_alarms=blind))
    assert "It has no scaling policy" in said(state(scaling=scaling(policies=())))


def test_what_is_scheduled_next() -> None:
    night = scheduled("night", "cron(0 20 * * ? *)", 0, 0)
    noon = scheduled("noon", "at(2026-11-24T13:30:00)", 4, None)
    odd = scheduled("odd", "rate(1 day)", None, 3)  # without a start time
    past = scheduled("past", "at(2026-11-24T11:30:00)", 1, 1)
    sentences = reasons(state(scaling=scaling(scheduled=(odd, night, past, noon))), NOW)
    noon_told, night_told, odd_told = sentences[-3:]
    assert noon_told.startswith("At 2026-11-24 13:30 UTC, in 1 h 30 min, the scheduled action noon")
    assert noon_told.endswith("lets it have at least 4 tasks.")
    assert night_told.startswith("At 2026-11-24 20:00 UTC, in 8 h, the scheduled action night lets")
    assert odd_told == ("By rate(1 day), the scheduled action odd lets it have at most 3 tasks.")


def test_what_could_not_be_read_is_said_and_the_rest_too() -> None:
    no = OpsError("AWS does not allow DescribeX", "Ask for this permission.")
    parts = scaling(policies=no, activities=no, scheduled=no)
    text = said(state(counts=no, scaling=parts))
    assert text.count("Unknown: ") == 4
    assert "It may have 2 to 20 tasks" in text
    assert "Unknown: what may scale it. AWS does not allow" in said(state(scaling=no))
    assert "Unknown: what its policies ask for." in said(state(policy_alarms=no))
