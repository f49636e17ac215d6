"""A report in SARIF 2.1.0, which code scanning shows. Pure.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from pathlib import Path
from urllib.parse import quote

from ops.check.finding import Finding
from ops.check.registry import Rule
from ops.check.run import Report
from ops.plan.model import Json

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def as_sarif(report: Report, rules: tuple[Rule, ...], base: Path) -> dict[str, Json]:
    """Return one run with its rules and results. `base` is the workspace's path in git."""
    driver: dict[str, Json] = {"name": "ops check", "rules": [_rule(rule) for rule in rules]}
    index = {entry.id: at for at, entry in enumerate(rules)}
    return {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": driver},
                "columnKind": "unicodeCodePoints",
                "originalUriBaseIds": {"SRCROOT": {"description": {"text": "The repository."}}},
                "results": [_result(finding, index, base) for finding in report.findings],
            }
        ],
    }


def _rule(rule: Rule) -> dict[str, Json]:
    described: dict[str, Json] = {
        "id": rule.id,
        "shortDescription": {"text": rule.what},
        "fullDescription": {"text": f"{rule.what} {rule.why}"},
        "help": {"text": f"{rule.why} {rule.fix}"},
        "defaultConfiguration": {"level": rule.severity.value},
    }
    return described | ({"helpUri": rule.link} if "://" in rule.link else {})


def _result(finding: Finding, index: dict[str, int], base: Path) -> dict[str, Json]:
    result: dict[str, Json] = {
        "ruleId": finding.rule,
        "level": finding.severity.value,
        "message": {"text": f"{finding.message}. {finding.why} {finding.fix}"},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {
                        "uri": quote((base / finding.path).as_posix()),
                        "uriBaseId": "SRCROOT",
                    },
                    "region": {"startLine": finding.line},
                }
            }
        ],
    }
    return result | ({"ruleIndex": index[finding.rule]} if finding.rule in index else {})
