"""moto over HTTP in a process of its own.

`python -m tests.ops.support.emulator` prints its address.
It ends when its standard input does, so it outlives no test run.
"""

import os
import sys

from moto.server import ThreadedMotoServer

import tests.ops.kinds.scaling.scalable_target  # noqa: F401  # registers itself with moto
from ops.local.gaps import (
    cloudtrail_event_history,
    concurrent_calls,
    ecr_lifecycle_preview,
    ecr_tagged_repositories,
    secrets_by_arn,
    tagged_resource_pages,
)
from ops.local.gaps.cloudwatch import alarm_pages as cloudwatch_alarm_pages
from ops.local.gaps.cloudwatch import composite_alarms as cloudwatch_composite_alarms
from ops.local.gaps.cloudwatch import dashboard_tags as cloudwatch_dashboard_tags
from ops.local.gaps.cloudwatch import mute_rules as cloudwatch_mute_rules
from ops.local.gaps.logs import metric_filters as logs_metric_filters
from ops.local.gaps.logs import query_definitions as logs_query_definitions
from ops.local.gaps.scaling import activities as scaling_activities
from ops.local.gaps.scaling import policy_alarms as scaling_policy_alarms
from ops.local.gaps.scaling import target_tags as scalable_target_tags

_GAPS = (
    cloudwatch_composite_alarms,
    cloudwatch_alarm_pages,  # after it
    cloudwatch_dashboard_tags,
    cloudwatch_mute_rules,
    concurrent_calls,
    ecr_lifecycle_preview,
    ecr_tagged_repositories,
    logs_metric_filters,
    logs_query_definitions,
    scalable_target_tags,
    scaling_activities,
    scaling_policy_alarms,
    secrets_by_arn,
    tagged_resource_pages,
    cloudtrail_event_history,  # after all that answer calls
)


def main() -> None:
    # Thousands of each, made anew by every reset; tests of the embedded AWS turn the latter on.
    os.environ["MOTO_EC2_LOAD_DEFAULT_AMIS"] = "false"
    os.environ["MOTO_IAM_LOAD_MANAGED_POLICIES"] = "false"
    for gap in _GAPS:
        gap.close()
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    sys.stdout.write(f"http://{host}:{port}\n")
    sys.stdout.flush()
    sys.stdin.read()


if __name__ == "__main__":
    main()
