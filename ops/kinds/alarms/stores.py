"""The recommended alarms of a service's Redis and PostgreSQL, by ids in the file. Pure.

Redis's thresholds are those of AWS's alarm packs (aws/agent-toolkit-for-aws, alarm-packs.md). Those
of PostgreSQL are ours and depend on the instance; `define` changes them. Metrics:
https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/CacheMetrics.WhichShouldIMonitor.html
https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-metrics.html
"""

from collections.abc import Mapping
from typing import Any

from ops.kinds.alarms.presets import Preset

_MIB = 1024 * 1024


def _alarm(summary: str, namespace: str, metric: str, threshold: int, **more: object) -> Any:  # noqa: ANN401
    """Return an alarm as in an `ops.yml`: by default, 3 of 5 minutes above a threshold."""
    return {
        "summary": summary,
        "severity": "warn",
        "namespace": namespace,
        "metric": metric,
        "comparison": ">",
        "threshold": threshold,
        "evaluation_periods": 5,
        "datapoints": 3,
        "missing_data": "not-breaching",
        **more,
    }


_REDIS: Preset = {
    "redis-cpu": _alarm(
        "Redis's one thread is busy: commands wait.", "AWS/ElastiCache", "EngineCPUUtilization", 90
    ),
    "redis-memory": _alarm(
        "Redis's memory fills up: then it evicts, or refuses writes.",
        "AWS/ElastiCache",
        "DatabaseMemoryUsagePercentage",
        80,
    ),
    "redis-evictions": _alarm(
        "Redis evicts keys to free memory.",
        "AWS/ElastiCache",
        "Evictions",
        100,
        statistic="Sum",
        period="5m",
        evaluation_periods=3,
        datapoints=2,
    ),
    "redis-connections": _alarm(
        "Clients of Redis reconnect all the time: one of them does not keep its connections.",
        "AWS/ElastiCache",
        "NewConnections",
        1000,
        statistic="Sum",
        evaluation_periods=3,
        datapoints=2,
    ),
}

_POSTGRES: Preset = {
    "postgres-cpu": _alarm(
        "The database is short of CPU.", "AWS/RDS", "CPUUtilization", 90, datapoints=5
    ),
    "postgres-memory": _alarm(
        "The database has hardly any memory left.",
        "AWS/RDS",
        "FreeableMemory",
        256 * _MIB,
        comparison="<",
        evaluation_periods=15,
        datapoints=15,
    ),
    "postgres-storage": _alarm(
        "The database's disk is nearly full; full, it stops.",
        "AWS/RDS",
        "FreeStorageSpace",
        5 * 1024 * _MIB,
        comparison="<",
        severity="page",
    ),
}


def alarms_of_stores(data: Mapping[str, Any]) -> Preset:
    """Return the alarms for `redis` and `postgres` of a section `alarms`."""
    redis, postgres = (_given(data, name) for name in ("redis", "postgres"))
    alarms = {
        **_on(_REDIS, {"CacheClusterId": redis.get("cluster")}),
        **_on(_POSTGRES, {"DBInstanceIdentifier": postgres.get("instance")}),
    }
    most = postgres.get("max_connections")
    if isinstance(most, int) and postgres.get("instance"):
        alarms |= _on(_connections(most), {"DBInstanceIdentifier": postgres["instance"]})
    return alarms


def stores() -> Mapping[str, Preset]:
    """Return all alarms of stores by field, for the reference."""
    return {"redis": _REDIS, "postgres": {**_POSTGRES, **_connections(100)}}


def _connections(most: int) -> Preset:
    return {
        "postgres-connections": _alarm(
            "Four in five of the connections that the database takes are in use.",
            "AWS/RDS",
            "DatabaseConnections",
            most * 80 // 100,
        )
    }


def _given(data: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    given = data.get(name)
    return given if isinstance(given, Mapping) else {}


def _on(preset: Preset, dimensions: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Return the alarms with dimensions; none without an id, which the field's model requires."""
    if None in dimensions.values():
        return {}
    return {name: {**alarm, "dimensions": dimensions} for name, alarm in preset.items()}
