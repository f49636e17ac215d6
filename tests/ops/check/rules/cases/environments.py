"""Cases of environments, jobs, App Runner and static sites that Copilot or AWS refuses."""

from tests.ops.check.rules.cases.case import (
    ENVIRONMENT,
    ENVIRONMENT_FILE,
    JOB,
    JOB_FILE,
    QUEUE_FILE,
    RUNNER,
    RUNNER_FILE,
    SERVICE,
    SITE,
    SITE_FILE,
    WORKER_FILE,
    Case,
    pair,
    queue,
)

_SUBNETS = "subnets: {public: [{id: a}, {id: b}]}"
_MADE = (
    "public: [{cidr: 10.0.0.0/24, az: a}, {cidr: 10.0.2.0/24, az: b}], "
    "private: [{cidr: 10.0.1.0/24, az: a}, {cidr: 10.0.3.0/24, az: %s}]"
)
_PRIVATE = "network: {vpc: {placement: private}}\n"
_S3_ENDPOINT = "Resources: {S3: {Type: 'AWS::EC2::VPCEndpoint'}}\n"
_CERTIFICATE = "'arn:aws:acm:%s:123456789012:certificate/1'"
_OWN, _NEAR = _CERTIFICATE % "us-east-1", _CERTIFICATE % "eu-central-1"

_PATCHES = "copilot/environments/overrides/cfn.patches.yml"
_IMPORTS = {ENVIRONMENT_FILE: f"{ENVIRONMENT}network: {{vpc: {{id: vpc-0123, {_SUBNETS}}}}}\n"}


def _patch(path: str, op: str = "add") -> str:
    return f"- op: {op}\n  path: /Resources/{path}\n  value: [a]\n"


def _environment(breaks: str, keeps: str, line: int = 1) -> Case:
    return pair(ENVIRONMENT_FILE, ENVIRONMENT, breaks, keeps, line)


def _group(rule: str) -> str:
    return f"network: {{vpc: {{security_group: {{ingress: [{{{rule}}}]}}}}}}"


def _vpc(fields: str) -> str:
    return f"network: {{vpc: {{{fields}}}}}"


ADDONS = {
    "patch-of-absent-network": Case(
        _IMPORTS | {_PATCHES: _patch("Cluster/Tags") + _patch("VPC/Properties/Tags", "replace")},
        f"{_PATCHES}:6",
        _IMPORTS | {_PATCHES: _patch("VPC") + _patch("VPC/Properties/Tags")},
    ),
    "addon-queue-limits": Case(
        {QUEUE_FILE: queue("      VisibilityTimeout: 43201\n")},
        f"{QUEUE_FILE}:9",
        {QUEUE_FILE: queue("      VisibilityTimeout: '43200'\n")},
    ),
    "addon-queue-name": Case(
        {QUEUE_FILE: queue("      QueueName: !Sub ${App}-jobs.fifo\n")},
        f"{QUEUE_FILE}:9",
        {QUEUE_FILE: queue("      QueueName: !Sub ${App}-jobs.fifo\n      FifoQueue: true\n")},
    ),
}
CASES: dict[str, Case] = {
    **ADDONS,
    "nat-without-s3-endpoint": Case(
        {ENVIRONMENT_FILE: ENVIRONMENT, WORKER_FILE: f"{SERVICE}{_PRIVATE}"},
        f"{ENVIRONMENT_FILE}:1",
        {
            ENVIRONMENT_FILE: ENVIRONMENT,
            WORKER_FILE: f"{SERVICE}{_PRIVATE}",
            "copilot/environments/addons/s3.yml": f"{_S3_ENDPOINT}",
        },
    ),
    "vpc-of-two-kinds": _environment(
        _vpc(f"id: vpc-1, cidr: 10.0.0.0/16, {_SUBNETS}"), _vpc(f"id: vpc-1, {_SUBNETS}")
    ),
    "imported-subnets": _environment(
        "network:\n  vpc:\n    id: vpc-1\n    subnets:\n      public: [{id: a}]",
        _vpc(f"id: vpc-1, {_SUBNETS}"),
        5,
    ),
    "managed-subnets": _environment(
        _vpc(f"cidr: 10.0.0.0/16, subnets: {{{_MADE % 'c'}}}"),
        _vpc(f"cidr: 10.0.0.0/16, subnets: {{{_MADE % 'b'}}}"),
    ),
    "network-addresses": _environment(_vpc("cidr: 10.0.0.0/8"), _vpc("cidr: '${CIDR}'")),
    "security-group-rule": _environment(
        _group("ports: 80, ip_protocol: http, cidr: 10.0.0.0/8"),
        _group("ports: 0-65535, ip_protocol: -1, cidr: 10.0.0.0/8"),
    ),
    "flow-log-retention": _environment(
        _vpc("flow_logs: {retention: 31}"), _vpc("flow_logs: {retention: 30}")
    ),
    "ingress-of-two-kinds": _environment(
        "http: {private: {security_groups: {ingress: {from_vpc: true}}, ingress: {vpc: true}}}",
        "http: {private: {security_groups: {ingress: {}}, ingress: {vpc: true}}}",
    ),
    "ingress-of-another-balancer": _environment(
        "http: {public: {security_groups: {ingress: {from_vpc: true}}}}",
        "http: {private: {security_groups: {ingress: {from_vpc: true}}}}",
    ),
    "cdn-off": _environment(
        "http: {public: {ingress: {cdn: true}}}",
        "http: {public: {ingress: {cdn: true}}}\ncdn: true",
    ),
    "cdn-certificate": _environment(
        f"cdn: {{certificate: {_NEAR}, terminate_tls: true}}",
        f"cdn: {{certificate: {_OWN}, terminate_tls: true}}",
    ),
    "internal-subnets": _environment(
        f"http: {{private: {{subnets: [c]}}}}\n{_vpc(f'id: vpc-1, {_SUBNETS}')}",
        f"http: {{private: {{subnets: [b]}}}}\n{_vpc(f'id: vpc-1, {_SUBNETS}')}",
    ),
    "job-schedule-of-aws": pair(
        JOB_FILE, JOB, "on: {schedule: rate(1 minutes)}", "on: {schedule: cron(0 9 1 * ? *)}"
    ),
    "job-timeout": pair(
        JOB_FILE, JOB, "on: {schedule: none}\ntimeout: 2d", "on: {schedule: none}\ntimeout: 48h", 2
    ),
    "job-retries": pair(
        JOB_FILE, JOB, "on: {schedule: none}\nretries: -1", "on: {schedule: none}\nretries: 0", 2
    ),
    "job-scaling": pair(
        JOB_FILE, JOB, "on: {schedule: none}\ncount: {spot: 1}", "on: {schedule: none}\ncount: 1", 2
    ),
    "app-runner-image": Case(
        {RUNNER_FILE: RUNNER},
        f"{RUNNER_FILE}:3",
        {RUNNER_FILE: RUNNER.replace("location: a", "location: public.ecr.aws/a/b")},
    ),
    "app-runner-platform": pair(
        RUNNER_FILE, RUNNER, "platform: linux/x86_64", "network: {vpc: {placement: private}}"
    ),
    "app-runner-placement": pair(
        RUNNER_FILE,
        RUNNER,
        "network: {vpc: {placement: public}}",
        "network: {vpc: {placement: private}}",
    ),
    "site-source": pair(
        SITE_FILE, SITE, "files:\n  - source: no/such", "files: [{source: copilot}]", 2
    ),
    "site-certificate": pair(
        SITE_FILE,
        SITE,
        f"http: {{certificate: {_OWN}}}",
        f"http: {{certificate: {_OWN}, alias: a.example.org}}",
    ),
}
