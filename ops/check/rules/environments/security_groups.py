"""Rules of an environment's security group, and how long its flow logs are kept."""

import re
from collections.abc import Iterator

from ops.check.finding import Hit, Severity
from ops.check.manifest.values import KINDS
from ops.check.registry import rule
from ops.check.rules.containers.sizes import RETENTION
from ops.check.subject.model import Subject
from ops.check.subject.plain import dig, listed, number

_RULES = "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpPermission.html"
_AT = ("network", "vpc", "security_group")
_RETENTION = ("network", "vpc", "flow_logs", "retention")
_PROTOCOL = re.compile(r"tcp|udp|icmp|icmpv6|-1|\d{1,3}", re.ASCII)
_MOST = 65_535


@rule(Severity.ERROR, _RULES)
def security_group_rule(subject: Subject) -> Iterator[Hit]:
    """A rule of a security group has ports, a protocol or a network that EC2 refuses.

    Why: The deployment fails: EC2 refuses the rule.

    Fix: Write ports from 0 to 65535, `tcp`, `udp`, `icmp`, `-1` or a number as `ip_protocol`, and a
    network such as `10.0.0.0/8` as `cidr`.
    """
    for environment in subject.environments:
        for kind in ("ingress", "egress"):
            for at, entry in listed((*_AT, kind), dig(environment.data, *_AT, kind)):
                for name, is_right in _CHECKS.items():
                    written = dig(entry, name)
                    text = "" if isinstance(written, list | dict) else str(written or "")
                    if text and "$" not in text and not is_right(text):
                        yield environment.hit((*at, name), f"`{text}` is not a valid {name}")


def _are_ports(text: str) -> bool:
    return all(int(port) <= _MOST for port in re.findall(r"\d{1,9}", text, re.ASCII))


_CHECKS = {
    "ports": _are_ports,
    "ip_protocol": lambda text: _PROTOCOL.fullmatch(text.lower()) is not None,
    "cidr": KINDS["cidr"].allows,
}


@rule(
    Severity.ERROR,
    "https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html",
)
def flow_log_retention(subject: Subject) -> Iterator[Hit]:
    """CloudWatch Logs keeps no flow logs for this number of days.

    Why: The deployment fails: CloudWatch Logs refuses it.

    Fix: Write 14, 30, 90 or another number that CloudWatch Logs has.
    """
    for environment in subject.environments:
        days = number(dig(environment.data, *_RETENTION))
        if days is not None and days not in RETENTION:
            near = min(RETENTION, key=lambda option: (abs(option - days), option))
            yield environment.hit(_RETENTION, f"{days} days", f"The nearest is {near}.")
