"""Cases of containers, queues, addons, pipelines and `ops.yml` files."""

from tests.ops.check.rules.cases.case import (
    BACKEND,
    CELERY,
    DEBIAN,
    JOB,
    JOB_FILE,
    ON_SQS,
    OPS_FILE,
    PARAMETERS,
    PIPE,
    PIPELINE_FILE,
    QUEUE_FILE,
    SERVICE,
    TABLE,
    WEB,
    WEB_FILE,
    WORKER,
    WORKER_FILE,
    Case,
    queue,
)

RANGE = f"{SERVICE}count: {{range: 1-5, cpu_percentage: 70}}\n"
MINIMUM = 'scaling:\n  minimum: [{{at: "02:58", until: "03:30", timezone: UTC, min: {}}}]\n'

CASES: dict[str, Case] = {
    "image-source": Case(
        {WORKER_FILE: f"{BACKEND}image: {{build: Dockerfile, location: a}}\n"},
        f"{WORKER_FILE}:3",
        {WORKER_FILE: f"{SERVICE}environments: {{prod: {{image: {{build: Dockerfile}}}}}}\n"},
    ),
    "dockerfile-missing": Case(
        {WEB_FILE: f"{BACKEND}image:\n  build: {{context: no/such}}\n"},
        f"{WEB_FILE}:4",
        {WEB_FILE: f"{BACKEND}image:\n  build:\n    context: .\n    target: ${{STAGE}}\n"},
    ),
    "image-without-tag": Case(
        {WORKER_FILE: f"{SERVICE}sidecars:\n  s:\n    image: 'envoy:'\n"},
        f"{WORKER_FILE}:6",
        {WORKER_FILE: f"{SERVICE}sidecars: {{s: {{image: 'host:5000/envoy'}}}}\n"},
    ),
    "import-without-name": Case(
        {WORKER_FILE: f"{SERVICE}secrets:\n  A: {{from_cfn: ''}}\n"},
        f"{WORKER_FILE}:5",
        {WORKER_FILE: f"{SERVICE}secrets: {{A: {{from_cfn: shop-a}}}}\n"},
    ),
    "env-file-missing": Case(
        {WORKER_FILE: f"{SERVICE}env_file: no/such.env\n"},
        f"{WORKER_FILE}:4",
        {WORKER_FILE: f"{SERVICE}env_file: worker.env\n", "worker.env": ""},
    ),
    "env-file-name": Case(
        {WORKER_FILE: f"{SERVICE}logging:\n  env_file: worker.txt\n"},
        f"{WORKER_FILE}:5",
        {WORKER_FILE: f"{SERVICE}env_file: no/such.env\nlogging: {{env_file: '${{FILE}}'}}\n"},
    ),
    "rolling-strategy": Case(
        {WORKER_FILE: f"{SERVICE}deployment: {{rolling: blue-green}}\n"},
        f"{WORKER_FILE}:4",
        {WORKER_FILE: f"{SERVICE}deployment: {{rolling: Recreate}}\n"},
    ),
    "topic-missing": Case(
        {
            WORKER_FILE: f"{WORKER}subscribe:\n  topics:\n    - {{name: order, service: web}}\n",
            WEB_FILE: f"{WEB}publish: {{topics: [{{name: orders}}]}}\n",
        },
        f"{WORKER_FILE}:6",
        {
            WORKER_FILE: f"{WORKER}subscribe: {{topics: [{{name: orders, service: web}}, "
            "{name: a, service: of-another-repository}]}\n",
            WEB_FILE: f"{WEB}publish: {{topics: [{{name: orders}}]}}\n",
        },
    ),
    "port-missing": Case(
        {WEB_FILE: "name: web\ntype: Load Balanced Web Service\nimage: {location: a}\n"},
        f"{WEB_FILE}:3",
        {WEB_FILE: WEB},
    ),
    "balancer-missing": Case(
        {WEB_FILE: f"{WEB}http: false\n"},
        f"{WEB_FILE}:4",
        {WEB_FILE: f"{WEB}http: false\nnlb: {{port: 80}}\n"},
    ),
    "secret-name-like-an-arn": Case(
        {WORKER_FILE: f"{SERVICE}secrets:\n  A:\n    secretsmanager: shop/stripe-secret\n"},
        f"{WORKER_FILE}:5",
        {
            WORKER_FILE: f"{SERVICE}secrets:\n  A: {{secretsmanager: shop/stripe-secret-key}}\n"
            "  B: {secretsmanager: shop/stripe-secret-Yi6mvL}\n  C: /shop/stripe-secret\n"
            "  D: {secretsmanager: shopsecret}\n  E: {secretsmanager: shop/stripe_secret}\n"
            "  F: {secretsmanager: shop/stripe-secrets}\n"
        },
    ),
    "variable-and-secret": Case(
        {WORKER_FILE: f"{SERVICE}variables: {{A: b}}\nsecrets:\n  A: /c\n"},
        f"{WORKER_FILE}:6",
        {WORKER_FILE: f"{SERVICE}variables: {{A: b}}\nsidecars: {{s: {{secrets: {{A: /c}}}}}}\n"},
    ),
    "unknown-container": Case(
        {WORKER_FILE: f"{BACKEND}image:\n  location: a\n  depends_on: {{envoi: start}}\n"},
        f"{WORKER_FILE}:5",
        {
            WORKER_FILE: f"{BACKEND}image: {{location: a, depends_on: {{envoy: start}}}}\n"
            "sidecars: {envoy: {image: b, depends_on: {worker: healthy}}}\n"
        },
    ),
    "exec-on-read-only": Case(
        {WORKER_FILE: f"{SERVICE}exec: true\nstorage: {{readonly_fs: true}}\n"},
        f"{WORKER_FILE}:4",
        {WORKER_FILE: f"{SERVICE}exec: false\nstorage: {{readonly_fs: true}}\n"},
    ),
    "shell-keeps-signals": Case(
        {WORKER_FILE: f'{DEBIAN}command: ["sh", "-c", "migrate && uvicorn a"]\n'},
        f"{WORKER_FILE}:4",
        {WORKER_FILE: f'{DEBIAN}command: ["sh", "-c", "migrate && exec uvicorn a"]\n'},
    ),
    "shell-form": Case(
        {"Dockerfile": "FROM python:3.12\nRUN a\nCMD uvicorn a\n"},
        "Dockerfile:3",
        {"Dockerfile": "FROM python:3.12\nCMD exec uvicorn a\n"},
    ),
    "stop-timeout-too-long": Case(
        {
            WORKER_FILE: f"{SERVICE}taskdef_overrides:\n"
            "  - path: ContainerDefinitions[0].StopTimeout\n    value: 300\n"
        },
        f"{WORKER_FILE}:6",
        {
            WORKER_FILE: f"{SERVICE}taskdef_overrides:\n"
            "  - path: ContainerDefinitions[0].StopTimeout\n    value: 120\n"
        },
    ),
    "stop-timeout-too-short": Case(
        {WORKER_FILE: CELERY},
        f"{WORKER_FILE}:4",
        {
            WORKER_FILE: f"{CELERY}taskdef_overrides:\n"
            "  - {path: 'ContainerDefinitions[0].StopTimeout', value: 120}\n"
        },
    ),
    "no-dead-letters": Case(
        {QUEUE_FILE: f"{PARAMETERS}Resources:\n  Jobs:\n    Type: AWS::SQS::Queue\n"},
        f"{QUEUE_FILE}:3",
        {QUEUE_FILE: queue("      VisibilityTimeout: 200\n")},
    ),
    "one-receive": Case(
        {QUEUE_FILE: queue("").replace("Count: 5", "Count: 1")},
        f"{QUEUE_FILE}:6",
        {QUEUE_FILE: queue("")},
    ),
    "dead-letters-expire": Case(
        {QUEUE_FILE: queue("", "  Dead:\n    Type: AWS::SQS::Queue\n")},
        f"{QUEUE_FILE}:9",
        {QUEUE_FILE: queue("")},
    ),
    "visibility-timeout-too-short": Case(
        {WORKER_FILE: CELERY, QUEUE_FILE: queue("      VisibilityTimeout: 100\n")},
        f"{QUEUE_FILE}:9",
        {WORKER_FILE: CELERY, QUEUE_FILE: queue("      VisibilityTimeout: 101\n")},
    ),
    "hoarded-messages": Case(
        {WORKER_FILE: f"{ON_SQS}command: celery -A a worker --prefetch-multiplier=4\n"},
        f"{WORKER_FILE}:5",
        {WORKER_FILE: f"{ON_SQS}command: celery -A a worker --prefetch-multiplier=1\n"},
    ),
    "queues-in-turn": Case(
        {WORKER_FILE: f"{ON_SQS}command: celery -A a worker -Q high,low\n"},
        f"{WORKER_FILE}:5",
        {WORKER_FILE: f"{ON_SQS}command: celery -A a worker -Q high\n"},
    ),
    "worker-queue-timeout": Case(
        {
            WORKER_FILE: f"{WORKER}count:\n  range: 1-5\n  queue_delay:\n"
            "    acceptable_latency: 10m\n    msg_processing_time: 60s\n"
        },
        f"{WORKER_FILE}:8",
        {
            WORKER_FILE: f"{WORKER}count: {{range: 1-5, queue_delay: {{acceptable_latency: 10m, "
            "msg_processing_time: 60s}}\nsubscribe: {queue: {timeout: 90s}}\n"
        },
    ),
    "delayed-is-no-backlog": Case(
        {WORKER_FILE: f"{WORKER}deployment: {{rollback_alarms: {{messages_delayed: 5}}}}\n"},
        f"{WORKER_FILE}:4",
        {WORKER_FILE: f"{WORKER}deployment: {{rollback_alarms: [own]}}\n"},
    ),
    "addon-parameters": Case(
        {QUEUE_FILE: "Parameters: {App: {Type: String}}\nResources: {A: {Type: A::S3::B}}\n"},
        f"{QUEUE_FILE}:1",
        {
            QUEUE_FILE: "Resources: {A: {Type: AWS::SNS::Topic}}\n",
            "copilot/worker/addons/more.yml": f"{PARAMETERS}Resources: {{}}\n",
        },
    ),
    "addon-without-resources": Case(
        {QUEUE_FILE: PARAMETERS},
        f"{QUEUE_FILE}:1",
        {QUEUE_FILE: f"{PARAMETERS}Resources: {{A: {{}}}}\n"},
    ),
    "data-goes-with-the-stack": Case(
        {QUEUE_FILE: TABLE}, f"{QUEUE_FILE}:3", {QUEUE_FILE: f"{TABLE}    DeletionPolicy: Retain\n"}
    ),
    "unknown-stage": Case(
        {PIPELINE_FILE: f"{PIPE}stages:\n  - name: prd\n"},
        f"{PIPELINE_FILE}:5",
        {PIPELINE_FILE: f"{PIPE}stages:\n  - name: prod\n"},
    ),
    "pipeline-provider": Case(
        {PIPELINE_FILE: "name: main\nsource:\n  provider: Github\n"},
        f"{PIPELINE_FILE}:3",
        {PIPELINE_FILE: PIPE},
    ),
    "job-schedule": Case(
        {JOB_FILE: f"{JOB}on:\n  schedule: every day\n"},
        f"{JOB_FILE}:5",
        {JOB_FILE: f'{JOB}on:\n  schedule: "@every 2h"\n'},
    ),
    "scaling-needs-range": Case(
        {OPS_FILE: "scaling:\n  queue_depth: {queue: jobs, target: 10}\n"},
        f"{OPS_FILE}:1",
        {
            OPS_FILE: "scaling:\n  queue_depth: {queue: jobs, target: 10}\n",
            WORKER_FILE: f"{SERVICE}count: {{range: 1-5, cpu_percentage: 70}}\n",
        },
    ),
    "scaling-minimum": Case(
        {OPS_FILE: MINIMUM.format(6), WORKER_FILE: RANGE},
        f"{OPS_FILE}:2",
        {OPS_FILE: MINIMUM.format(5), WORKER_FILE: RANGE},
    ),
    "doubtful-scaling": Case(
        {
            OPS_FILE: "scaling:\n  queue_depth: {queue: q, target: 10, scale_out_cooldown: 1s}\n",
            WORKER_FILE: f"{SERVICE}count: {{range: 1-5, cpu_percentage: 70}}\n",
        },
        f"{OPS_FILE}:1",
        {
            OPS_FILE: "scaling:\n  queue_depth: {queue: q, target: 10, scale_out_cooldown: 10m}\n",
            WORKER_FILE: f"{SERVICE}count: {{range: 1-5, cpu_percentage: 70}}\n",
        },
    ),
    "images-never-expire": Case(
        {"copilot/ops.yml": "images:\n  shop/other: {keep: 10}\n"},
        f"{WEB_FILE}:4",
        {"copilot/ops.yml": "images:\n  shop/web: {keep: 10, adopt: true}\n"},
    ),
    "second-scaling-policy": Case(
        {
            OPS_FILE: "scaling:\n  queue_depth: {queue: jobs, target: 10}\n",
            WORKER_FILE: f"{SERVICE}count: {{range: 1-5, cpu_percentage: 70}}\n",
        },
        f"{WORKER_FILE}:4",
        {
            OPS_FILE: "scaling:\n  queue_depth: {queue: jobs, target: 10}\n",
            WORKER_FILE: f"{SERVICE}count: {{range: 1-5, cpu_percentage: 70}}\n",
            "copilot/worker/overrides/cfn.patches.yml": "- op: remove\n"
            "  path: /Resources/AutoScalingPolicyECSServiceAverageCPUUtilization\n",
        },
    ),
    "container-insights-off": Case(
        {
            OPS_FILE: "alarms:\n  define:\n    few: {summary: s, namespace: ECS/ContainerInsights, "
            "metric: RunningTaskCount, threshold: 1, missing_data: breaching}\n",
            "copilot/environments/prod/manifest.yml": "name: prod\ntype: Environment\n"
            "observability: {container_insights: false}\n",
        },
        f"{OPS_FILE}:3",
        {
            OPS_FILE: "alarms:\n  define:\n    few: {summary: s, namespace: AWS/ECS, "
            "metric: CPUUtilization, threshold: 1, missing_data: breaching}\n",
            "copilot/environments/prod/manifest.yml": "name: prod\ntype: Environment\n"
            "observability: {container_insights: false}\n",
        },
    ),
}
