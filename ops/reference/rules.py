"""The page of the rules, made from their docstrings: `python -m ops.reference.rules`."""

from __future__ import annotations

import click

from ops.check.registry import Rule, rules

_HEAD = """# Rules of `ops check`

Made from the code by `make docs`. An error breaks a deployment or has no effect; a warning causes
trouble later. A *live* rule asks AWS and needs `--live`;
a *package* rule asks the Copilot CLI and needs `--package`. To accept one finding, write
`# ops: ignore RULE REASON` on its line or on the line above. How to use the rules:
[check before a deploy](../how-to/check-before-a-deploy.md).
"""


def reference() -> str:
    """Return the page in Markdown, with one heading for each rule, so that links can name it."""
    return "\n".join([_HEAD, *map(_section, rules())])


def _section(rule: Rule) -> str:
    link = rule.link if "://" in rule.link else f"../../{rule.link}"
    needs = f", {rule.needs.value}" if rule.needs.value else ""
    return f"""## {rule.id}

**{rule.severity.value.capitalize()}{needs}.** {rule.what} {rule.why}

*Fix:* {rule.fix} [Source]({link})
"""


if __name__ == "__main__":
    click.echo(reference(), nl=False)
