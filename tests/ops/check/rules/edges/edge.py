"""Edge cases of rules, besides their cases in `cases`."""

from tests.ops.check.rules.cases.case import (
    CELERY,
    DEBIAN,
    JOB,
    JOB_FILE,
    OPS_FILE,
    PARAMETERS,
    QUEUE_FILE,
    SERVICE,
    WEB,
    WEB_FILE,
    WORKER_FILE,
    Edge,
    checked,
    queue,
)
from tests.ops.check.rules.edges.copilot import COPILOT
from tests.ops.check.rules.edges.fields import FIELDS
from tests.ops.check.rules.edges.images import IMAGES

BUILT = WEB.replace("location: a", "build: Dockerfile") + "http: {path: /}\n"


ENVIRONMENTS = {
    "one variable that is not set, in a section of an environment alone": Edge(
        "negative-count",
        {
            WORKER_FILE: f"{SERVICE}count: -1\n"
            "environments: {prod: {variables: {A: '${NOT_SET}'}}}\n"
        },
        (4,),
    ),
    "spot in an environment takes the place of the range": Edge(
        "spot-beside-range",
        {
            WORKER_FILE: f"{SERVICE}count: {{range: 1-10, cpu_percentage: 70}}\n"
            "environments: {prod: {count: {spot: 1}}}\n"
        },
    ),
    "every environment has its port": Edge(
        "port-missing",
        {
            WEB_FILE: "name: web\ntype: Load Balanced Web Service\nhttp: {path: /}\nenvironments:\n"
            "  prod: {image: {location: a, port: 80}}\n  test: {image: {location: a, port: 80}}\n"
        },
    ),
    "one environment has no metric": Edge(
        "range-without-metric",
        {
            WORKER_FILE: f"{SERVICE}count: {{range: 1-2}}\n"
            "environments: {prod: {count: {cpu_percentage: 70}}}\n"
        },
        (4,),
    ),
    "no environment lacks a metric": Edge(
        "range-without-metric",
        {
            WORKER_FILE: f"{SERVICE}count: {{range: 1-2}}\n"
            "environments: {prod: {count: {cpu_percentage: 70}}, test: {count: 1}}\n"
        },
    ),
    "a variable of CloudFormation's is not the shell's": Edge(
        "missing-variable", {WORKER_FILE: f'{SERVICE}variables:\n  A: !Sub "x-${{Stack}}"\n'}
    ),
}
ENDINGS = {
    "a line of --- at the end": Edge(
        "negative-count", {WORKER_FILE: f"{SERVICE}count: -1\n---\n"}, (4,)
    ),
}
HTTPS = {
    "plain HTTP in one of two environments": Edge(
        "plain-http",
        {
            WEB_FILE: f"{WEB}http: {{path: /}}\n",
            "copilot/environments/prod/manifest.yml": "name: prod\ntype: Environment\ncdn: true\n",
        },
        (4,),
    ),
    "no HTTP at all": Edge("plain-http", {WEB_FILE: f"{WEB}http: false\nnlb: {{port: 80}}\n"}),
}
SECRETS = {
    "six characters in a sidecar and in log options, with a key or a variable": Edge(
        "secret-name-like-an-arn",
        {
            WORKER_FILE: f"{SERVICE}sidecars:\n  s:\n    image: a:1\n    secrets:\n"
            "      A: {secretsmanager: 'db-prod01:password::'}\n"
            "logging:\n  secretOptions:\n    B: {secretsmanager: '${NAME}/api-TOKEN1'}\n"
        },
        (8, 11),
    ),
    "an ARN is what it says, and only AWS knows whether it is complete": Edge(
        "secret-name-like-an-arn",
        {
            WORKER_FILE: f"{SERVICE}secrets:\n"
            "  A: arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-secret-Yi6mvL\n"
            "  B: \"'arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-secret'\"\n"
        },
    ),
}
QUEUES = {
    "a message of a FIFO queue begins anew among dead letters": Edge(
        "dead-letters-expire",
        {QUEUE_FILE: queue("      FifoQueue: true\n", "  Dead:\n    Type: AWS::SQS::Queue\n")},
    ),
    "a queue whose name begins that of the dead letters": Edge(
        "no-dead-letters",
        {
            QUEUE_FILE: f"{PARAMETERS}Resources:\n  Job: {{Type: AWS::SQS::Queue}}\n"
            "  Other:\n    Type: AWS::SQS::Queue\n    Properties:\n"
            "      RedrivePolicy: {deadLetterTargetArn: !GetAtt JobDead.Arn, maxReceiveCount: 3}\n"
            "  JobDead: {Type: AWS::SQS::Queue}\n"
        },
        (3,),
    ),
    "dead letters named within a text": Edge(
        "no-dead-letters",
        {QUEUE_FILE: queue("").replace("!GetAtt Dead.Arn", "!Sub '${Dead.Arn}'")},
    ),
    "a queue that takes no dead letters": Edge(
        "no-dead-letters",
        {
            QUEUE_FILE: f"{PARAMETERS}Resources:\n  Jobs:\n    Type: AWS::SQS::Queue\n"
            "    Properties: {RedriveAllowPolicy: {redrivePermission: denyAll}}\n"
        },
        (3,),
    ),
}
ALPINE = {"Dockerfile": "FROM python:3.12-alpine\nCMD migrate && gunicorn app\n"}
INIT = {"Dockerfile": 'FROM python:3.12\nENTRYPOINT ["dumb-init", "--"]\n'}
SHELLS = {
    "BusyBox becomes the last command": Edge(
        "shell-keeps-signals",
        {**ALPINE, WEB_FILE: f'{BUILT}command: ["sh", "-c", "migrate && gunicorn app"]\n'},
    ),
    "a shell form that ends in exec": Edge(
        "shell-form", {"Dockerfile": "FROM python:3.12\nCMD migrate && exec gunicorn app\n"}
    ),
    "a shell form that ends in no exec": Edge(
        "shell-form", {"Dockerfile": "FROM python:3.12\nCMD exec-it && gunicorn app\n"}, (2,)
    ),
    "a shell form below an init": Edge(
        "shell-form", {"Dockerfile": "FROM python:3.12\nCMD /usr/bin/tini -g -- gunicorn app\n"}
    ),
    "what stands in quotes is no command": Edge(
        "shell-keeps-signals",
        {WORKER_FILE: f"{DEBIAN}command: [sh, -c, \"exec app --title 'a && b; c'\"]\n"},
    ),
    "what stands in quotes is no exec": Edge(
        "shell-keeps-signals",
        {WORKER_FILE: f"{DEBIAN}command: [sh, -c, \"app --title 'a; exec b' | tee log\"]\n"},
        (4,),
    ),
    "a script that waits for signals itself": Edge(
        "shell-keeps-signals",
        {WORKER_FILE: f"{DEBIAN}command: [sh, -c, \"trap 'kill $P' TERM; app & P=$!; wait $P\"]\n"},
    ),
    "an init of the manifest": Edge(
        "shell-keeps-signals",
        {
            WORKER_FILE: f'{DEBIAN}entrypoint: ["dumb-init", "--"]\n'
            "command: [sh, -c, migrate && app]\n"
        },
    ),
    "an init of the image": Edge(
        "shell-keeps-signals", {**INIT, WEB_FILE: f"{BUILT}command: [sh, -c, migrate && app]\n"}
    ),
    "a shell as entrypoint": Edge(
        "shell-keeps-signals",
        {WORKER_FILE: f'{DEBIAN}entrypoint: ["/bin/sh", "-c"]\ncommand: ["migrate && app"]\n'},
        (5,),
    ),
    "bash at the end of a pipe": Edge(
        "shell-keeps-signals",
        {WORKER_FILE: f"{SERVICE}command: bash -ec 'app 2>&1 | tee log'\n"},
        (4,),
    ),
    "bash becomes its last command": Edge(
        "shell-keeps-signals", {WORKER_FILE: f"{SERVICE}command: bash -ec 'a && app 2>&1'\n"}
    ),
}
SHORT = queue("      VisibilityTimeout: 100\n")
ENVIRONMENT_FILE = "copilot/environments/addons/queue.yml"
BROKERS = {
    "Redis is the broker, and the queue is for others": Edge(
        "visibility-timeout-too-short",
        {WORKER_FILE: f"{CELERY}variables: {{B: 'rediss://a'}}\n", QUEUE_FILE: SHORT},
    ),
    "results in Redis and messages in SQS": Edge(
        "visibility-timeout-too-short",
        {WORKER_FILE: f"{CELERY}variables: {{A: 'redis://', B: 'sqs://'}}\n", QUEUE_FILE: SHORT},
        (9,),
    ),
    "a queue of the environment, which may be anybody's": Edge(
        "visibility-timeout-too-short", {WORKER_FILE: CELERY, ENVIRONMENT_FILE: SHORT}
    ),
    "the one queue of the environment, as ops.yml says": Edge(
        "visibility-timeout-too-short",
        {WORKER_FILE: CELERY, ENVIRONMENT_FILE: SHORT, OPS_FILE: "queue: {name: jobs}\n"},
        (9,),
    ),
    "RabbitMQ takes broadcasts": Edge(
        "celery-ping-on-sqs",
        {
            WORKER_FILE: checked("    command: [CMD, celery, inspect, ping]\n")
            + "variables: {BROKER: 'amqp://', QUEUE: https://sqs.eu-central-1.amazonaws.com/1/a}\n"
        },
    ),
    "RabbitMQ may be asked for several": Edge(
        "queues-in-turn",
        {
            WORKER_FILE: f"{SERVICE}command: celery -A a -b amqp://a worker -Q a,b\n",
            QUEUE_FILE: SHORT,
        },
    ),
}
STRUCTURE = {
    f"`{written}` is not what Copilot reads": Edge(
        "wrong-type", {WORKER_FILE: f"{SERVICE}{written}\n"}, (4,)
    )
    for written in (
        "variables: [A=b]",
        "secrets: [A]",
        "sidecars: [a]",
        "count: two",
        "count: [1]",
        "cpu: {a: 1}",
        "variables: {A: [1]}",
        "secrets: ${SECRETS}",
        "count: ${COUNT}",
        "cpu: ${CPU}",
        "count: {}",
        "exec: 'true'",
        "storage: {readonly_fs: maybe}",
        'count: {range: 1-3, cpu_percentage: "70%"}',
    )
}
SOUND = {
    f"`{written}` is what Copilot reads": Edge("wrong-type", {WORKER_FILE: f"{SERVICE}{written}\n"})
    for written in (
        "variables:",
        "exec: ${EXEC}",
        "exec: on",
        "cpu: 256.0",
        "count: {range: 1-3, cpu_percentage: {value: 70}}",
        "taskdef_overrides: [{path: a, value: [b]}]",
    )
}
REFUSED = ("@every 30s", "@every 90s", "@every day", "0 9 1 * 1", "61 9 * * *", "0 9 * * 7")
TAKEN = ("@every 1h30m", "0 9 */2 * 1", "*/90 9 * * MON-FRI", "0 9 ? * 1", "rate(1 minute)")
SCHEDULES = {
    f"a schedule of `{written}`": Edge(
        "job-schedule",
        {JOB_FILE: f"{JOB}on: {{schedule: '{written}'}}\n"},
        (4,) if written in REFUSED else (),
    )
    for written in (*REFUSED, *TAKEN)
}
EDGES = {
    **ENVIRONMENTS,
    **COPILOT,
    **ENDINGS,
    **SHELLS,
    **BROKERS,
    **HTTPS,
    **SECRETS,
    **QUEUES,
    **STRUCTURE,
    **SOUND,
    **SCHEDULES,
    **FIELDS,
    **IMAGES,
}
