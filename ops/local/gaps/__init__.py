"""What moto lacks for Copilot, one file a gap.

Each says what AWS does, with its page, and what moto does; `close()` mends it in this process.
A test beside each fails once moto has it, so that the file can go.
"""

from __future__ import annotations

from ops.local.gaps import (
    cloudformation,
    cloudformation_stack_sets,
    cloudwatch_alarm_pages,
    cloudwatch_alarm_state,
    cloudwatch_composite_alarms,
    cloudwatch_dashboard_tags,
    cloudwatch_mute_rules,
    concurrent_calls,
    ecr_lifecycle_preview,
    ecs_services,
    ecs_tasks,
    elbv2_target_health,
    logs_metric_filters,
    logs_query_definitions,
    scalable_target_tags,
    scaling_activities,
    scaling_policy_alarms,
    sqs_constant_time,
    unknown_action,
)


def close_all() -> None:
    """Close every gap. Calling it twice does no harm."""
    for gap in (
        cloudformation,
        cloudformation_stack_sets,
        cloudwatch_alarm_state,
        cloudwatch_composite_alarms,
        cloudwatch_alarm_pages,  # after it
        cloudwatch_dashboard_tags,
        cloudwatch_mute_rules,
        concurrent_calls,
        ecr_lifecycle_preview,
        ecs_services,
        ecs_tasks,
        elbv2_target_health,
        logs_metric_filters,
        logs_query_definitions,
        scalable_target_tags,
        scaling_activities,
        scaling_policy_alarms,
        sqs_constant_time,
        unknown_action,
    ):
        gap.close()
