"""Cases of containers, ports, routing, counts, queues and fields that Copilot refuses."""

from tests.ops.check.rules.cases.case import (
    BACKEND,
    HTTP,
    PIPE,
    PIPELINE_FILE,
    SERVICE,
    WEB,
    WEB_FILE,
    WORKER,
    WORKER_FILE,
    Case,
    pair,
)

_WEB = WEB + HTTP
_SIDE = "sidecars: {side: {image: b}}"
_VOLUME = "storage: {volumes: {data: {path: /a"
_SERVERS = "cpu: 1024\nmemory: 2048"

FIELDS = {
    "value-passed-over": pair(
        WEB_FILE, WEB, "http:\n  path: /\n  stickiness: maybe", "http: {path: /, stickiness: on}", 3
    ),
    "value-not-allowed": pair(
        WEB_FILE, WEB, "http: {path: /, version: http3}", "http: {path: /, version: gRPC}"
    ),
    "field-missing": pair(
        WORKER_FILE,
        SERVICE,
        "publish:\n  topics:\n    - fifo: true",
        "publish: {topics: [{name: a}]}",
        3,
    ),
    "empty-entry": pair(
        WORKER_FILE, SERVICE, "sidecars:\n  side:", "environments:\n  test:\nsidecars: {}", 2
    ),
    "image-incomplete": pair(
        WORKER_FILE,
        BACKEND,
        "image:\n  healthcheck: {retries: 3}",
        "image: {location: a, healthcheck: {retries: 3}}",
    ),
    "submodule-not-fetched": Case(
        {
            WORKER_FILE: f"{BACKEND}image:\n  build: vendor/app/Dockerfile\n",
            ".gitmodules": '[submodule "app"]\n\tpath = vendor/app\n\turl = ../app\n',
        },
        f"{WORKER_FILE}:4",
        {
            WORKER_FILE: f"{BACKEND}image:\n  build: vendor/app/Dockerfile\n",
            ".gitmodules": '[submodule "app"]\n\tpath = vendor/app\n\turl = ../app\n',
            "vendor/app/README.md": "",
        },
    ),
    "text-breaks-template": pair(
        WORKER_FILE, SERVICE, "command: [sh, -c, 'echo a: b']", "command: [sh, -c, \"'echo a: b'\"]"
    ),
    "override-of-no-container": pair(
        WORKER_FILE,
        SERVICE,
        "taskdef_overrides:\n  - path: ContainerDefinitions[1].Cpu\n    value: 1",
        f"{_SIDE}\ntaskdef_overrides: [{{path: 'ContainerDefinitions[1].Cpu', value: 1}}]",
        2,
    ),
    "pipeline-shape": pair(
        PIPELINE_FILE,
        PIPE,
        "stages:\n  - name: test\n    test_commands: [a]\n"
        "    post_deployments: {a: {buildspec: b}}",
        "stages: [{name: test, deployments: {a: {}, b: {depends_on: [a]}}}]",
        3,
    ),
}
CONTAINERS = {
    "waits-for-the-end": pair(
        WORKER_FILE,
        BACKEND,
        f"image:\n  location: a\n  depends_on: {{side: complete}}\n{_SIDE}",
        "image: {location: a, depends_on: {side: complete}}\n"
        "sidecars: {side: {image: b, essential: false}}",
        3,
    ),
    "waits-without-health-check": pair(
        WORKER_FILE,
        SERVICE,
        "sidecars:\n  side: {image: b, depends_on: {worker: healthy}}",
        "sidecars: {side: {image: b, depends_on: {worker: start}}}",
        2,
    ),
    "circular-dependency": pair(
        WORKER_FILE,
        SERVICE,
        "sidecars:\n  side: {image: b, depends_on: {side: start}}",
        "sidecars: {side: {image: b, depends_on: {worker: start}}}",
        2,
    ),
    "sidecar-name": pair(
        WORKER_FILE,
        SERVICE,
        "sidecars:\n  worker: {image: b}",
        "logging: {retention: 1}\nsidecars: {firelens_log_router: {image: b}}",
        2,
    ),
    "volume-undeclared": pair(
        WORKER_FILE,
        SERVICE,
        "sidecars: {side: {image: b, mount_points: [{source_volume: data, path: /b}]}}",
        f"{_VOLUME}}}}}}}\n"
        "sidecars: {side: {image: b, mount_points: [{source_volume: data, path: /b}]}}",
    ),
    "unknown-platform": pair(
        WORKER_FILE, SERVICE, "platform: arm64", "platform: {osfamily: linux, architecture: ARM64}"
    ),
    "lacking-on-windows": pair(
        WORKER_FILE,
        SERVICE,
        "platform: windows/amd64\nstorage: {readonly_fs: true}",
        "platform: linux/amd64\nstorage: {readonly_fs: true}",
        2,
    ),
    "windows-task-size": pair(
        WORKER_FILE, SERVICE, "platform: windows/amd64", f"platform: windows/amd64\n{_SERVERS}"
    ),
    "efs-user": pair(
        WORKER_FILE,
        SERVICE,
        f"{_VOLUME}, efs: {{uid: 1000}}}}}}}}",
        f"{_VOLUME}, efs: {{uid: 1000, gid: 1000}}}}}}}}",
    ),
    "efs-access-point": pair(
        WORKER_FILE,
        SERVICE,
        f"{_VOLUME}, efs: {{id: a, root_dir: /a, auth: {{access_point_id: b}}}}}}}}}}",
        f"{_VOLUME}, efs: {{id: a, root_dir: /, auth: {{access_point_id: b}}}}}}}}}}",
    ),
    "second-managed-volume": pair(
        WORKER_FILE,
        SERVICE,
        "storage:\n  volumes:\n    a: {path: /a, efs: true}\n    b: {path: /b, efs: true}",
        "storage: {volumes: {a: {path: /a, efs: true}, b: {path: /b, efs: false}}}",
        4,
    ),
}
ROUTING = {
    "unknown-target": pair(
        WEB_FILE,
        WEB,
        f"http:\n  path: /\n  target_container: side\n{_SIDE}",
        "http: {path: /, target_container: side}\nsidecars: {side: {image: b, port: 90}}",
        3,
    ),
    "target-twice": pair(
        WEB_FILE,
        WEB,
        "http: {path: /, target_container: web, targetContainer: web}",
        "http: {path: /, targetContainer: web}",
    ),
    "rule-conditions": pair(
        WEB_FILE,
        WEB,
        "http: {path: /, alias: [a, b, c, d, e]}",
        "http: {path: /, alias: [a, b, c], allowed_source_ips: [10.0.0.0/8]}",
    ),
    "hosted-zone-without-alias": pair(
        WEB_FILE,
        WEB,
        "http: {path: /, hosted_zone: Z1}",
        "http: {path: /, hosted_zone: Z1, alias: a}",
    ),
    "grace-period-place": pair(
        WEB_FILE,
        _WEB,
        "nlb:\n  port: 81\n  additional_listeners:\n"
        "    - port: 82\n      healthcheck: {grace_period: 10s}",
        "nlb: {port: 81, healthcheck: {grace_period: 10s}}",
        5,
    ),
    "alias-and-certificates": Case(
        {WORKER_FILE: f"{SERVICE}http:\n  path: /\n  alias: a.example.org\n"},
        f"{WORKER_FILE}:6",
        {
            WORKER_FILE: f"{SERVICE}http: {{path: /, alias: a.example.org}}\n",
            "copilot/environments/prod/manifest.yml": "name: prod\ntype: Environment\n"
            "http: {private: {certificates: ['arn:aws:acm:eu-central-1:1:certificate/1']}}\n",
            "copilot/environments/test/manifest.yml": "name: test\ntype: Environment\n"
            "http: {private: {certificates: ['arn:aws:acm:eu-central-1:1:certificate/1']}}\n",
        },
    ),
    "deregistration-delay-limit": pair(
        WEB_FILE,
        WEB,
        "http: {path: /, deregistration_delay: 61m}",
        "http: {path: /, deregistration_delay: 0}",
    ),
    "success-codes": pair(
        WEB_FILE,
        WEB,
        "http: {path: /, healthcheck: {success_codes: 200-600}}",
        "http: {path: /, version: grpc, healthcheck: {success_codes: 0-99}}",
    ),
    "port-taken": pair(
        WEB_FILE,
        _WEB,
        "sidecars:\n  one: {image: a, port: 90}\n  two: {image: a, port: 90}",
        "sidecars: {one: {image: a, port: 90}, two: {image: a, port: 91}}",
        3,
    ),
    "health-check-on-udp": pair(
        WEB_FILE,
        _WEB,
        "nlb:\n  port: 53/udp",
        "nlb: {port: 53/udp, healthcheck: {port: 80}}",
        2,
    ),
    "port-out-of-range": pair(
        WEB_FILE,
        WEB,
        "http: {path: /, target_port: 70000}",
        "http: {path: /, target_port: 65535}",
    ),
    "listener-port-taken": pair(
        WEB_FILE,
        _WEB,
        "nlb:\n  port: 81\n  target_port: 80\n  additional_listeners:\n"
        "    - port: 81\n      target_port: 80",
        "nlb: {port: 81, additional_listeners: [{port: 82, target_port: 80}]}",
        5,
    ),
    "listener-hosted-zone": pair(
        WEB_FILE,
        _WEB,
        "nlb: {port: 81, alias: [{name: a, hosted_zone: Z1}]}",
        "nlb: {port: 81, alias: [{name: a}]}",
    ),
    "connect-without-port": pair(
        WORKER_FILE,
        SERVICE,
        "network: {connect: {alias: worker}}",
        "network: {connect: true}",
    ),
}
COUNTS = {
    "metric-without-balancer": pair(
        WORKER_FILE,
        SERVICE,
        "count: {range: 1-2, requests: 5}",
        "http: {path: /}\ncount: {range: 1-2, requests: 5}",
    ),
    "metric-without-range": pair(
        WORKER_FILE, SERVICE, "count: {cpu_percentage: 70}", "count: {spot: 1}"
    ),
    "metric-without-value": pair(
        WORKER_FILE,
        SERVICE,
        "count: {range: 1-2, cpu_percentage: {cooldown: {in: 10s}}}",
        "count: {range: 1-2, cpu_percentage: {value: 70, cooldown: {in: 10s}}}",
    ),
    "scaling-without-effect": pair(
        WEB_FILE,
        _WEB,
        "count: {range: 1-2, requests: {cooldown: {in: 10s}}}",
        "count: {range: 1-2, requests: {value: 5}}",
    ),
    "queue-delay-times": pair(
        WORKER_FILE,
        WORKER,
        "count:\n  range: 1-2\n  queue_delay: {acceptable_latency: 1m, msg_processing_time: 2m}",
        "count: {range: 1-2, queue_delay: {acceptable_latency: 2m, msg_processing_time: 1m}}",
        3,
    ),
    "never-starts": pair(
        WORKER_FILE,
        WORKER,
        "count: {range: 0-2, queue_delay: {acceptable_latency: 1m, msg_processing_time: 1m}}",
        "count: {range: 0-2, queue_delay: {acceptable_latency: 2m, msg_processing_time: 1m}}",
    ),
    "queue-without-topics": pair(
        WORKER_FILE,
        WORKER,
        "subscribe:\n  queue: {timeout: 15m}",
        "subscribe: {topics: [], queue: {timeout: 15m}}",
        2,
    ),
    "fifo-throughput": pair(
        WORKER_FILE,
        WORKER,
        "subscribe: {topics: [], queue: {fifo: {high_throughput: true, "
        "deduplication_scope: queue}}}",
        "subscribe: {topics: [], queue: {fifo: {high_throughput: true}}}",
    ),
    "worker-queue-limits": pair(
        WORKER_FILE,
        WORKER,
        "subscribe: {topics: [], queue: {timeout: 13h}}",
        "subscribe: {topics: [], queue: {timeout: 12h, dead_letter: {tries: 1000}}}",
    ),
}
CASES: dict[str, Case] = {**FIELDS, **CONTAINERS, **ROUTING, **COUNTS}
