"""The pages of the rules, generated from their docstrings: `python -m ops.reference.rules
docs/rules`.
"""

import sys
from collections.abc import Mapping
from pathlib import Path

from ops.check.registry import Rule, rules

_HEAD = """# Rules of `ops check`

Made from the code by `make docs`. An error breaks a deploy, or what is written does nothing;
a warning hurts later. Rules marked *live* ask AWS, with `--live`. How to use them:
[check before a deploy](../how-to/check-before-a-deploy.md).

| rule | severity | what |
|---|---|---|
"""


def pages() -> Mapping[str, str]:
    """Return every page by its file name."""
    return {"README.md": _index(), **{f"{each.id}.md": _page(each) for each in rules()}}


def write(folder: Path) -> None:
    """Write exactly these pages to a folder, and remove others."""
    made = pages()
    for old in folder.glob("*.md"):
        if old.name not in made:
            old.unlink()
    for name, text in made.items():
        (folder / name).write_text(text)


def _index() -> str:
    rows = [
        f"| [{each.id}]({each.id}.md) | {each.severity.value}{', live' if each.live else ''} "
        f"| {each.what} |"
        for each in rules()
    ]
    return _HEAD + "\n".join(rows) + "\n"


def _page(rule: Rule) -> str:
    link = rule.link if "://" in rule.link else f"[{rule.link}](../../{rule.link})"
    asks = ", and asks AWS (`--live`)" if rule.live else ""
    return f"""# {rule.id}

{rule.what}

**Why.** {rule.why}

**How to mend it.** {rule.mend}

**Source.** {link}

It is of severity {rule.severity.value}{asks}. To let one finding stand, write
`# ops: ignore {rule.id} REASON` on its line or above it.
"""


if __name__ == "__main__":
    write(Path(sys.argv[1]))
