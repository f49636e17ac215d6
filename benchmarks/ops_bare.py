"""The baseline for `ops`: bare boto3: `python -m benchmarks.ops_bare put 1000 | read`."""

import sys
from concurrent.futures import ThreadPoolExecutor

import boto3
from botocore.config import Config

from tests.ops.support.copilot_stacks import cluster_name, service_name

_THREADS = 8  # as many as `ops` has


def put(alarms: int) -> None:
    """Put the same alarms, from a thread pool."""
    cloudwatch = boto3.client("cloudwatch", config=Config(max_pool_connections=_THREADS))

    def put_one(at: int) -> None:
        cloudwatch.put_metric_alarm(
            AlarmName=f"shop-prod-web-alarm-{at}",
            AlarmDescription=f"Alarm {at}. (ops: copilot/web/ops.yml)",
            Namespace="AWS/ECS",
            MetricName="CPUUtilization",
            Dimensions=[
                {"Name": "ClusterName", "Value": cluster_name("shop", "prod")},
                {"Name": "ServiceName", "Value": service_name("shop", "prod", "web")},
            ],
            Statistic="Average",
            ComparisonOperator="GreaterThanOrEqualToThreshold",
            Threshold=80,
            Period=60,
            EvaluationPeriods=3,
            TreatMissingData="notBreaching",
            Tags=[
                {"Key": "managed-by", "Value": "ops"},
                {"Key": "copilot-application", "Value": "shop"},
                {"Key": "copilot-environment", "Value": "prod"},
                {"Key": "copilot-service", "Value": "web"},
            ],
        )

    with ThreadPoolExecutor(_THREADS) as pool:
        list(pool.map(put_one, range(alarms)))


def read() -> None:
    """Read all alarms and their tags, with paginators and the largest pages."""
    alarms = boto3.client("cloudwatch").get_paginator("describe_alarms")
    pages = alarms.paginate(PaginationConfig={"PageSize": 100})
    tagged = boto3.client("resourcegroupstaggingapi").get_paginator("get_resources")
    tags = tagged.paginate(
        ResourceTypeFilters=["cloudwatch:alarm"],
        TagFilters=[{"Key": "managed-by", "Values": ["ops"]}],
        ResourcesPerPage=100,
    )
    count = sum(len(page["MetricAlarms"]) for page in pages)
    owned = sum(len(page["ResourceTagMappingList"]) for page in tags)
    sys.stdout.write(f"{count} {owned}\n")


if __name__ == "__main__":
    put(int(sys.argv[2])) if sys.argv[1] == "put" else read()
