"""The recommended alarms by type of service, in the words of an `ops.yml`.

Numbers without a source are ours. Sources: AWS's recommended alarms
(https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Best_Practice_Recommended_Alarms_AWS_Services.html)
for CPU, memory and the age of messages; the pages next to the other alarms.

The number of running tasks is the sample count of CPUUtilization over a minute: no Container
Insights is needed, and with no task there is no sample, which is missing data and not 0.
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service_utilization.html
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/available-metrics.html

In metric math a metric that is missing counts as 0 beside one that is there.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
"""

from collections.abc import Mapping
from typing import Any

Preset = Mapping[str, Mapping[str, Any]]

_RUNNING = {"namespace": "AWS/ECS", "metric": "CPUUtilization", "statistic": "SampleCount"}


def _queue(metric: str, statistic: str) -> dict[str, str]:
    """Return a metric of the queue.

    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
    """
    return {"namespace": "AWS/SQS", "metric": metric, "statistic": statistic}


def _balancer(metric: str, statistic: str, of: str = "target-group") -> dict[str, str]:
    """Return a metric of the load balancer.

    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
    """
    return {"namespace": "AWS/ApplicationELB", "metric": metric, "statistic": statistic, "of": of}


_SERVICE: Preset = {
    "high-cpu": {
        "summary": "The tasks are short of CPU on average.",
        "severity": "warn",
        "namespace": "AWS/ECS",
        "metric": "CPUUtilization",
        "threshold": 90,
        "evaluation_periods": 5,
        "missing_data": "not-breaching",
    },
    "high-memory": {
        "summary": "A task is about to run out of memory and be killed.",
        "severity": "warn",
        "namespace": "AWS/ECS",
        "metric": "MemoryUtilization",
        "statistic": "Maximum",
        "threshold": 90,
        "evaluation_periods": 5,
        "missing_data": "not-breaching",
    },
    "few-tasks": {
        "summary": "Fewer tasks run than the least that the service may have.",
        "severity": "page",
        **_RUNNING,
        "comparison": "<",
        "threshold": "min-tasks",
        "evaluation_periods": 5,  # a task that is replaced is missing for two or three
        "missing_data": "breaching",  # no task, no sample
    },
}

_AT_MAX = {
    "summary": "As many tasks run as may: scaling cannot add any. Part of another alarm.",
    **_RUNNING,
    "comparison": ">=",
    "threshold": "max-tasks",
    # A rolling deployment runs old and new tasks together, and both count. It is over by then.
    "evaluation_periods": 15,
    "missing_data": "not-breaching",
}

_LOAD_BALANCED: Preset = {
    **_SERVICE,
    "server-errors": {
        "summary": "More than one request in twenty is answered with a server error.",
        "severity": "page",
        "expression": "IF(requests >= 20, 100 * errors / requests, 0)",
        "metrics": {
            "errors": _balancer("HTTPCode_Target_5XX_Count", "Sum"),
            "requests": _balancer("RequestCount", "Sum"),
        },
        "comparison": ">",
        "threshold": 5,  # percent
        "evaluation_periods": 3,
        "datapoints": 2,
        "missing_data": "not-breaching",  # no request, no data
    },
    # The load balancer is the environment's: as a page it would come from each of its services.
    "balancer-errors": {
        "summary": "The environment's load balancer itself answers with errors, for any service.",
        "severity": "warn",
        **_balancer("HTTPCode_ELB_5XX_Count", "Sum", of="load-balancer"),
        "comparison": ">",
        "threshold": 5,
        "evaluation_periods": 3,
        "datapoints": 2,
        "missing_data": "not-breaching",
    },
    "high-latency": {
        "summary": "One request in a hundred takes too long.",
        "severity": "warn",
        # Of fewer than 100 requests in a minute, the slowest alone is more than one in a hundred.
        "expression": "IF(requests >= 100, latency, 0)",
        "metrics": {
            "latency": _balancer("TargetResponseTime", "p99"),
            "requests": _balancer("RequestCount", "Sum"),
        },
        "comparison": ">",
        "threshold": 2,  # seconds
        "evaluation_periods": 5,
        "datapoints": 3,
        "missing_data": "not-breaching",
    },
    "unhealthy": {
        "summary": "At least one task fails the load balancer's health check.",
        "severity": "warn",
        # Minimum and Maximum are over the load balancer's nodes: all of them have to see it, since
        # this alarm also guards deployments.
        **_balancer("UnHealthyHostCount", "Minimum"),
        "threshold": 1,
        "evaluation_periods": 2,  # one reading is a task that starts
        "missing_data": "not-breaching",  # no target, no data: `no-healthy` tells that
    },
    "mostly-unhealthy": {
        "summary": "More than half of the tasks fail the load balancer's health check.",
        "severity": "page",
        # With none healthy `no-healthy` pages already.
        "expression": "IF(healthy > 0, unhealthy / (healthy + unhealthy), 0)",
        "metrics": {
            "healthy": _balancer("HealthyHostCount", "Maximum"),
            "unhealthy": _balancer("UnHealthyHostCount", "Maximum"),
        },
        "comparison": ">",
        "threshold": 0.5,
        "evaluation_periods": 2,
        "missing_data": "not-breaching",  # no target, no data: `no-healthy` tells that
    },
    "no-healthy": {
        "summary": "No task passes the load balancer's health check: nobody is served.",
        "severity": "page",
        **_balancer("HealthyHostCount", "Maximum"),
        "comparison": "<",
        "threshold": 1,
        "evaluation_periods": 2,
        "missing_data": "breaching",  # reported while there is a target
    },
    "at-max": _AT_MAX,
    "overloaded": {
        "summary": "The tasks are short of CPU and scaling cannot add any.",
        "severity": "page",
        "rule": "ALARM(high-cpu) AND ALARM(at-max)",
        "suppressed_by": {"alarm": "no-healthy"},  # one page for one outage
    },
}

_QUEUE_WORKER: Preset = {
    **_SERVICE,
    "backlog-age": {
        "summary": "The oldest message of the queue has waited too long.",
        "severity": "warn",
        **_queue("ApproximateAgeOfOldestMessage", "Maximum"),
        "comparison": ">",
        "threshold": 300,  # seconds
        "evaluation_periods": 5,
        "missing_data": "not-breaching",  # no message, no age
    },
    "backlog-old": {
        "summary": "The oldest message has waited thrice as long as it may. Part of another alarm.",
        **_queue("ApproximateAgeOfOldestMessage", "Maximum"),
        "comparison": ">",
        "threshold": 900,  # seconds
        "evaluation_periods": 15,
        "missing_data": "not-breaching",  # no message, no age
    },
    "slow-drain": {
        "summary": "At the present rate the queue takes too long to empty.",
        "severity": "warn",
        "expression": "IF(FILL(deleted, 0) > 0, visible / deleted, visible)",
        "metrics": {
            "visible": _queue("ApproximateNumberOfMessagesVisible", "Maximum"),
            "deleted": _queue("NumberOfMessagesDeleted", "Sum"),
        },
        "comparison": ">",
        "threshold": 15,  # minutes
        "evaluation_periods": 5,
        "missing_data": "not-breaching",
    },
    "many-in-flight": {
        "summary": "Messages in flight near SQS's limit of 120,000: then it hands out no more.",
        "severity": "warn",
        **_queue("ApproximateNumberOfMessagesNotVisible", "Maximum"),
        "threshold": 108_000,
        "evaluation_periods": 15,
        "missing_data": "not-breaching",
    },
    "wedged": {
        "summary": "Messages wait and tasks run, but none has been done: the workers are stuck.",
        "severity": "page",
        "expression": "(visible > 0) * (running > 0) - (deleted > 0)",
        "metrics": {
            "visible": _queue("ApproximateNumberOfMessagesVisible", "Maximum"),
            "deleted": _queue("NumberOfMessagesDeleted", "Sum"),
            "running": _RUNNING,
        },
        "threshold": 1,
        "evaluation_periods": 10,  # longer than the longest task
        "datapoints": 8,  # AWS/ECS may come later than AWS/SQS
        "missing_data": "not-breaching",
    },
    "dead-letters": {
        "summary": "Messages that no attempt could finish lie in the dead-letter queue.",
        "severity": "page",
        **_queue("ApproximateNumberOfMessagesVisible", "Maximum"),
        "of": "dead-letters",
        "threshold": 1,
        "evaluation_periods": 1,
        "missing_data": "not-breaching",  # a queue in which nothing happens reports nothing
    },
    "silent-producer": {
        "summary": "Nobody has put a message on the queue.",
        "severity": "warn",
        **_queue("NumberOfMessagesSent", "Sum"),
        "comparison": "<",
        "threshold": 1,
        "evaluation_periods": 15,
        "missing_data": "breaching",  # a queue in which nothing happens reports nothing
    },
    "at-max": _AT_MAX,
    "backlog-at-max": {
        "summary": "Messages wait too long and scaling cannot add tasks.",
        "severity": "page",
        "rule": "ALARM(backlog-age) AND ALARM(at-max)",
        "suppressed_by": {"alarm": "wedged"},  # which pages already, with another remedy
    },
    "backlog-unserved": {
        "summary": "Messages wait far too long, though scaling could add tasks: it does not help.",
        "severity": "page",
        # With fewer tasks running than desired, such as for want of Spot, at-max never comes.
        "rule": "ALARM(backlog-old) AND NOT ALARM(backlog-at-max)",
        "suppressed_by": {"alarm": "wedged"},
    },
}

_SCHEDULER: Preset = {
    **_SERVICE,
    "heartbeat-missing": {
        "summary": "The scheduler has given no sign of life: nothing is sent on time.",
        "severity": "page",
        # its namespace, metric and dimensions are the application's own
        "statistic": "Sum",
        "comparison": "<",
        "threshold": 1,
        "evaluation_periods": 5,
        "missing_data": "breaching",
    },
    "duplicate": {
        "summary": "More than one scheduler runs: what is scheduled may be sent twice.",
        "severity": "page",
        **_RUNNING,
        "comparison": ">",
        "threshold": 1,
        "evaluation_periods": 3,
        "missing_data": "not-breaching",
    },
}

PRESETS: Mapping[str, Preset] = {
    "service": _SERVICE,
    "load-balanced": _LOAD_BALANCED,
    "queue-worker": _QUEUE_WORKER,
    "scheduler": _SCHEDULER,
}
