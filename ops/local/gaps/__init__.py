"""The gaps in moto that matter to Copilot, one file for each.

A file describes AWS's behaviour, with its page, and moto's; `close()` fixes moto in this process. A
test of each gap fails once moto has fixed it, so that the file can be deleted. A service with
several gaps has a folder; `requests` holds the gaps that any service's requests meet.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ops.local.gaps import (
    cloudtrail_event_history,
    elbv2_target_health,
    event_target_roles,
    inline_policy_versions,
    secrets_by_arn,
    tagged_resource_pages,
)
from ops.local.gaps.cloudformation import requests as cloudformation_requests
from ops.local.gaps.cloudformation import stack_sets as cloudformation_stack_sets
from ops.local.gaps.cloudformation import stacks as cloudformation
from ops.local.gaps.cloudwatch import alarm_history as cloudwatch_alarm_history
from ops.local.gaps.cloudwatch import alarm_pages as cloudwatch_alarm_pages
from ops.local.gaps.cloudwatch import alarm_rules as cloudwatch_alarm_rules
from ops.local.gaps.cloudwatch import alarm_state as cloudwatch_alarm_state
from ops.local.gaps.cloudwatch import composite_alarms as cloudwatch_composite_alarms
from ops.local.gaps.cloudwatch import dashboard_tags as cloudwatch_dashboard_tags
from ops.local.gaps.cloudwatch import metric_data as cloudwatch_metric_data
from ops.local.gaps.cloudwatch import mute_rules as cloudwatch_mute_rules
from ops.local.gaps.ecr import lifecycle_preview as ecr_lifecycle_preview
from ops.local.gaps.ecr import running_images as ecr_running_images
from ops.local.gaps.ecr import tagged_repositories as ecr_tagged_repositories
from ops.local.gaps.ecs import run_task as ecs_run_task
from ops.local.gaps.ecs import service_deployments as ecs_service_deployments
from ops.local.gaps.ecs import service_monitoring as ecs_service_monitoring
from ops.local.gaps.ecs import services as ecs_services
from ops.local.gaps.ecs import tasks as ecs_tasks
from ops.local.gaps.logs import metric_filters as logs_metric_filters
from ops.local.gaps.logs import query_definitions as logs_query_definitions
from ops.local.gaps.logs import request_rules as logs_request_rules
from ops.local.gaps.requests import concurrent_calls, unknown_action
from ops.local.gaps.requests import parameters as request_parameters
from ops.local.gaps.scaling import activities as scaling_activities
from ops.local.gaps.scaling import policy_alarms as scaling_policy_alarms
from ops.local.gaps.scaling import request_rules as scaling_request_rules
from ops.local.gaps.scaling import target_tags as scalable_target_tags
from ops.local.gaps.sqs import constant_time as sqs_constant_time
from ops.local.gaps.sqs import hung_up as sqs_hung_up
from ops.local.gaps.step_functions import executions as step_functions_executions

if TYPE_CHECKING:
    from types import ModuleType

# What moto does not simulate: stacks, tasks, the states of alarms and targets.
SIMULATIONS = (
    cloudformation,
    cloudformation_requests,
    cloudformation_stack_sets,
    cloudwatch_alarm_history,
    cloudwatch_alarm_state,
    cloudwatch_metric_data,
    ecr_running_images,
    ecs_services,
    ecs_service_deployments,  # after it
    ecs_tasks,
    ecs_run_task,
    elbv2_target_health,
    sqs_constant_time,
    sqs_hung_up,
    step_functions_executions,
)
# What moto lacks or answers incorrectly: enough for tests of single calls.
ANSWERS = (
    cloudwatch_composite_alarms,
    cloudwatch_alarm_pages,  # after it
    cloudwatch_dashboard_tags,
    cloudwatch_mute_rules,
    concurrent_calls,
    ecr_lifecycle_preview,
    ecr_tagged_repositories,
    inline_policy_versions,
    logs_metric_filters,
    logs_query_definitions,
    scalable_target_tags,
    scaling_activities,
    scaling_policy_alarms,
    secrets_by_arn,
    tagged_resource_pages,
)
# What AWS refuses and moto accepts; after the answers.
REFUSALS = (
    cloudwatch_alarm_rules,
    ecs_service_monitoring,
    event_target_roles,
    logs_request_rules,
    request_parameters,
    scaling_request_rules,
    unknown_action,
)


def close(*gaps: ModuleType) -> None:
    """Close some gaps, and that of CloudTrail, which records the answers of all others.

    A second call has no effect.
    """
    for gap in (*gaps, cloudtrail_event_history):
        gap.close()


def close_all() -> None:
    """Close every gap."""
    close(*SIMULATIONS, *ANSWERS, *REFUSALS)
