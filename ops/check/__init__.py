"""`ops check`: what would break, found before the deploy.

    files ──▶ Subject ──▶ rules ──▶ findings ──▶ silenced by comments ──▶ text, JSON, SARIF, GitHub
    AWS   ──▶ Live ────┘   (only with --live; `remote.py` alone calls AWS)

A rule is one function with the decorator `rule`; its docstring becomes its section of
docs/reference/rules.md.
"""
