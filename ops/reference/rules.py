"""The page of the rules, made from their docstrings: `python -m ops.reference.rules`."""

from __future__ import annotations

import re

import click

from ops.check.registry import Rule, rules

_HEAD = """# Rules of `ops check`

Made from the code by `make docs`. Each rule has a problem, its reason, and the fix; the severity
links to the source. An error breaks a deployment or has no effect; a warning causes trouble later.
Without a reason Copilot or AWS refuses the deployment; the finding says why. *Live* rules need
`--live`, *package* rules `--package`. How to run them, and accept a finding:
[check before a deploy](../how-to/check-before-a-deploy.md).
"""
# The reasons of half of the rules. An exception to it stays, as in "unless …".
_REFUSED = re.compile(
    r"Copilot refuses (?:the (?:manifest|deployment|pipeline)|it)[.:]|"
    r"The deployment fails: .* refuses "
)


def reference() -> str:
    """Return the page in Markdown, with one heading for each rule, so that links can name it."""
    return "\n".join([_HEAD, *map(_section, rules())])


def _section(rule: Rule) -> str:
    link = rule.link if "://" in rule.link else f"../../{rule.link}"
    needs = f", {rule.needs.value}" if rule.needs.value else ""
    reason = "" if _REFUSED.match(rule.why) else f" {rule.why}"
    return f"""## {rule.id}

**[{rule.severity.value.capitalize()}{needs}]({link}).** {rule.what}{reason}

{rule.fix}
"""


if __name__ == "__main__":
    click.echo(reference(), nl=False)
