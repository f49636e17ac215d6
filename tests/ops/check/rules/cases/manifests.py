"""Cases of files, fields, sizes, counts, health checks and schedulers."""

from tests.ops.check.rules.cases.case import (
    BEAT,
    HTTP,
    OPS_FILE,
    RUNNER,
    RUNNER_FILE,
    SECOND,
    SECOND_FILE,
    SERVICE,
    WEB,
    WEB_FILE,
    WORKER_FILE,
    Case,
    built,
    checked,
)

CASES: dict[str, Case] = {
    "unreadable-file": Case({WEB_FILE: "name: [\n"}, f"{WEB_FILE}:2", {WEB_FILE: WEB + HTTP}),
    "second-document": Case(
        {WORKER_FILE: f"{SERVICE}---\ncount: -1\n"},
        f"{WORKER_FILE}:5",
        {WORKER_FILE: f"---\n{SERVICE}---\n"},
    ),
    "workload-type": Case(
        {WORKER_FILE: "name: worker\ntype: Backend\n"}, f"{WORKER_FILE}:2", {WORKER_FILE: SERVICE}
    ),
    "plain-http": Case(
        {WEB_FILE: f"{WEB}http:\n  path: /\n"},
        f"{WEB_FILE}:4",
        {
            WEB_FILE: f"{WEB}http: {{path: /}}\n"
            "environments: {test: {http: {alias: shop.example.org}}}\n",
            "copilot/environments/prod/manifest.yml": "name: prod\ntype: Environment\n"
            "http: {public: {certificates: ['arn:aws:acm:eu-west-1:123456789012:certificate/a']}}",
        },
    ),
    "environment-type": Case(
        {"copilot/environments/prod/manifest.yml": "name: prod\n"},
        "copilot/environments/prod/manifest.yml:1",
        {"copilot/environments/prod/manifest.yml": "name: prod\ntype: Environment\n"},
    ),
    "name-differs-from-folder": Case(
        {WORKER_FILE: "type: Backend Service\nname: other\n"},
        f"{WORKER_FILE}:2",
        {WORKER_FILE: SERVICE},
    ),
    "unknown-environment": Case(
        {WEB_FILE: f"{WEB}{HTTP}environments:\n  prd: {{cpu: 512}}\n"},
        f"{WEB_FILE}:6",
        {WEB_FILE: f"{WEB}{HTTP}environments:\n  prod: {{cpu: 512}}\n"},
    ),
    "file-never-read": Case(
        {"copilot/web/ops.yaml": ""}, "copilot/web/ops.yaml:1", {"copilot/web/other.yaml": ""}
    ),
    "missing-variable": Case(
        {WEB_FILE: f"{WEB}{HTTP}variables:\n  A: ${{NOT_SET_ANYWHERE}}\n"},
        f"{WEB_FILE}:6",
        {WEB_FILE: f"{WEB}{HTTP}variables:\n  A: \\${{NOT}}-${{COPILOT_ENVIRONMENT_NAME}}\n"},
    ),
    "ops-file": Case({OPS_FILE: "\nscale: {}\n"}, f"{OPS_FILE}:2", {OPS_FILE: "alarms: {}\n"}),
    "unknown-field": Case(
        {WEB_FILE: f"{WEB}{HTTP}environments:\n  prod:\n    http: {{heathcheck: /}}\n"},
        f"{WEB_FILE}:7",
        {WEB_FILE: f"{WEB}http: {{path: /, healthcheck: /, version: grpc}}\nx-shared: {{a: 1}}\n"},
    ),
    "wrong-type": Case(
        {WEB_FILE: f'{WEB}{HTTP}cpu: "256"\n'},
        f"{WEB_FILE}:5",
        {
            WEB_FILE: f"{WEB}http: {{path: /, deregistration_delay: 1m30s, stickiness: on}}\n"
            "cpu: 1_024\nexec: {enable: true}\nmemory: 2048.0\ncount: 0x2\n"
        },
    ),
    "task-size": Case(
        {WORKER_FILE: f"{SERVICE}cpu: 256\nmemory: 4096\n"},
        f"{WORKER_FILE}:5",
        {WORKER_FILE: f"{SERVICE}cpu: 512\nmemory: 4096\nenvironments: {{test: {{cpu: 1024}}}}\n"},
    ),
    "app-runner-size": Case(
        {RUNNER_FILE: f"{RUNNER}cpu: 2048\nmemory: 2048\n"},
        f"{RUNNER_FILE}:5",
        {RUNNER_FILE: RUNNER},
    ),
    "log-retention": Case(
        {WORKER_FILE: f"{SERVICE}logging: {{retention: 45}}\n"},
        f"{WORKER_FILE}:4",
        {WORKER_FILE: f"{SERVICE}logging: {{retention: 30}}\n"},
    ),
    "negative-count": Case(
        {WORKER_FILE: f"{SERVICE}count: -1\n"},
        f"{WORKER_FILE}:4",
        {WORKER_FILE: f"{SERVICE}count: 0\n"},
    ),
    "count-range": Case(
        {WORKER_FILE: f"{SERVICE}count: {{range: 10-2, cpu_percentage: 70}}\n"},
        f"{WORKER_FILE}:4",
        {WORKER_FILE: f"{SERVICE}count: {{range: {{min: 2, max: 10}}, cpu_percentage: 70}}\n"},
    ),
    "range-without-metric": Case(
        {WORKER_FILE: f"{SERVICE}count:\n  range: 1-2\n"},
        f"{WORKER_FILE}:5",
        {WORKER_FILE: f"{SERVICE}count: {{range: 1-2, memory_percentage: 70}}\n"},
    ),
    "metric-of-another-type": Case(
        {
            WORKER_FILE: f"{SERVICE}count:\n  range: 1-2\n  cpu_percentage: 70\n"
            "  queue_delay: {acceptable_latency: 1m, msg_processing_time: 1s}\n"
        },
        f"{WORKER_FILE}:7",
        {WORKER_FILE: f"{SERVICE}count: {{range: 1-2, requests: 5, queue_delay: null}}\n"},
    ),
    "percentage-out-of-range": Case(
        {WORKER_FILE: f"{SERVICE}count:\n  range: 1-2\n  cpu_percentage: {{value: 170}}\n"},
        f"{WORKER_FILE}:6",
        {WORKER_FILE: f"{SERVICE}count: {{range: 1-2, cpu_percentage: 100}}\n"},
    ),
    "spot-beside-range": Case(
        {WORKER_FILE: f"{SERVICE}count:\n  spot: 2\n  range: 1-2\n"},
        f"{WORKER_FILE}:5",
        {WORKER_FILE: f"{SERVICE}count: {{spot: 2}}\n"},
    ),
    "spot-from-below-range": Case(
        {WORKER_FILE: f"{SERVICE}count: {{range: {{min: 3, max: 9, spot_from: 2}}}}\n"},
        f"{WORKER_FILE}:4",
        {WORKER_FILE: f"{SERVICE}count: {{range: {{min: 3, max: 9, spot_from: 1}}}}\n"},
    ),
    "spot-from-beyond-range": Case(
        {WORKER_FILE: f"{SERVICE}count: {{range: {{min: 1, max: 2, spot_from: 3}}}}\n"},
        f"{WORKER_FILE}:4",
        {WORKER_FILE: f"{SERVICE}count: {{range: {{min: 1, max: 2, spot_from: 2}}}}\n"},
    ),
    "deregistration-on-spot": Case(
        {WEB_FILE: f"{WEB}http:\n  path: /\n  deregistration_delay: 300s\ncount: {{spot: 2}}\n"},
        f"{WEB_FILE}:6",
        {WEB_FILE: f"{WEB}http: {{path: /, deregistration_delay: 300s}}\ncount: 2\n"},
    ),
    "health-check-overlaps": Case(
        {WORKER_FILE: checked("    interval: 10s\n    timeout: 10s\n")},
        f"{WORKER_FILE}:7",
        {WORKER_FILE: checked("    interval: 30s\n    timeout: 10s\n")},
    ),
    "target-check-overlaps": Case(
        {WEB_FILE: f"{WEB}http:\n  path: /\n  healthcheck:\n    interval: 5s\n"},
        f"{WEB_FILE}:7",
        {WEB_FILE: f"{WEB}http: {{path: /, healthcheck: {{interval: 6s}}}}\n"},
    ),
    "health-check-limits": Case(
        {WORKER_FILE: checked("    start_period: 301s\n")},
        f"{WORKER_FILE}:6",
        {WORKER_FILE: checked("    start_period: 300s\n    retries: 10\n")},
    ),
    "target-check-limits": Case(
        {WEB_FILE: f"{WEB}http:\n  path: /\n  healthcheck:\n    healthy_threshold: 1\n"},
        f"{WEB_FILE}:7",
        {WEB_FILE: f"{WEB}http: {{path: /, healthcheck: {{healthy_threshold: 2}}}}\n"},
    ),
    "path-characters": Case(
        {WEB_FILE: f'{WEB}http:\n  path: "/api v1#"\n'},
        f"{WEB_FILE}:5",
        {WEB_FILE: f"{WEB}http: {{path: 'api/*/a-b_c.d', healthcheck: '/health?deep=1'}}\n"},
    ),
    "path-missing": Case(
        {WEB_FILE: f"{WEB}http:\n  alias: shop.example.org\n"},
        f"{WEB_FILE}:4",
        {WEB_FILE: f"{WEB}http: false\nnlb: {{port: 80}}\n"},
    ),
    "ephemeral-storage": Case(
        {WORKER_FILE: f"{SERVICE}storage:\n  ephemeral: 201\n"},
        f"{WORKER_FILE}:5",
        {WORKER_FILE: f"{SERVICE}storage: {{ephemeral: 20}}\n"},
    ),
    "efs-of-two-kinds": Case(
        {
            WORKER_FILE: f"{SERVICE}storage:\n  volumes:\n    data:\n      path: /data\n"
            "      efs:\n        id: fs-1\n        uid: 1000\n        gid: 1000\n"
        },
        f"{WORKER_FILE}:10",
        {
            WORKER_FILE: f"{SERVICE}storage: {{volumes: {{a: {{path: /a, efs: true}}}}}}\n"
            "environments: {prod: {storage: {volumes: {a: {efs: {uid: 1000, gid: 1000}}}}}, "
            "test: {storage: {volumes: {a: {efs: {id: fs-1}}}}}}\n"
        },
    ),
    "health-check-program": Case(
        {WEB_FILE: built('["CMD-SHELL", "curl -f http://localhost || exit 1"]')},
        f"{WEB_FILE}:8",
        {
            WEB_FILE: built('["CMD-SHELL", "curl -f http://localhost || exit 1"]'),
            "Dockerfile": "FROM python:3.12-slim AS a\nRUN apt-get install \\\n curl\nFROM a\n",
        },
    ),
    "no-start-period": Case(
        {WORKER_FILE: checked("    interval: 10s\n")},
        f"{WORKER_FILE}:5",
        {WORKER_FILE: checked("    interval: 10s\n    start_period: 0s\n")},
    ),
    "celery-ping-on-sqs": Case(
        {
            WORKER_FILE: checked("    command: [CMD, celery, inspect, ping]\n")
            + "variables: {BROKER: 'sqs://'}\n"
        },
        f"{WORKER_FILE}:6",
        {WORKER_FILE: checked("    command: [CMD, celery, inspect, ping]\n")},
    ),
    "app-runner-check-limits": Case(
        {RUNNER_FILE: f"{RUNNER}http:\n  healthcheck:\n    interval: 30s\n"},
        f"{RUNNER_FILE}:6",
        {RUNNER_FILE: f"{RUNNER}http: {{healthcheck: {{interval: 20s}}}}\n"},
    ),
    "several-schedulers": Case(
        {WORKER_FILE: f"{BEAT}count: 2\n"}, f"{WORKER_FILE}:5", {WORKER_FILE: f"{BEAT}count: 1\n"}
    ),
    "second-scheduler": Case(
        {WORKER_FILE: BEAT, SECOND_FILE: f"{SECOND}command: celery -A a worker -B\n"},
        f"{SECOND_FILE}:4",
        {WORKER_FILE: BEAT, SECOND_FILE: f"{SECOND}command: celery -A a worker\n"},
    ),
    "schedulers-overlap": Case(
        {WORKER_FILE: f"{BEAT}deployment: {{rolling: default}}\n"},
        f"{WORKER_FILE}:5",
        {WORKER_FILE: f"{BEAT}deployment: {{rolling: recreate}}\n"},
    ),
    "scheduler-on-spot": Case(
        {WORKER_FILE: f"{BEAT}count: {{spot: 1}}\n"},
        f"{WORKER_FILE}:5",
        {WORKER_FILE: f"{SERVICE}command: celery beat -S redbeat.Scheduler\ncount: {{spot: 1}}\n"},
    ),
}
