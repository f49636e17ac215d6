"""The page of the rules, made from their docstrings: `python -m ops.reference.rules`."""

from __future__ import annotations

import click

from ops.check.registry import Rule, rules

_HEAD = """# Rules of `ops check`

Made from the code by `make docs`. An error breaks a deployment or has no effect; a warning causes
trouble later. If an entry gives no reason, Copilot refuses the manifest. *Live* rules ask AWS and
need `--live`, *package* rules ask the Copilot CLI and need `--package`. How to use the rules, and
to accept a finding: [check before a deploy](../how-to/check-before-a-deploy.md).
"""
_REFUSED = "Copilot refuses the manifest"  # the reason of a third of the rules


def reference() -> str:
    """Return the page in Markdown, with one heading for each rule, so that links can name it."""
    return "\n".join([_HEAD, *map(_section, rules())])


def _section(rule: Rule) -> str:
    link = rule.link if "://" in rule.link else f"../../{rule.link}"
    needs = f", {rule.needs.value}" if rule.needs.value else ""
    why = rule.why.removeprefix(_REFUSED).removeprefix(". ").removeprefix(": ").strip(". ")
    reason = f" {why[0].upper()}{why[1:]}." if why else ""
    return f"""## {rule.id}

**{rule.severity.value.capitalize()}{needs}.** {rule.what}{reason}

*Fix:* {rule.fix} [Source]({link})
"""


if __name__ == "__main__":
    click.echo(reference(), nl=False)
