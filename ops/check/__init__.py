"""`ops check`: problems in the files, reported before a deployment.

    files ──▶ Subject ──▶ rules ──▶ findings ──▶ ignored by comments ──▶ text, JSON, SARIF, GitHub
    AWS   ──▶ Live ─────┤  (only with --live; `remote.py` alone calls AWS)
    CLI   ──▶ Packages ─┘  (only with --package; `packaging/packages.py` alone runs the CLI)

A rule is one function with the decorator `rule`; its docstring becomes its section of
docs/reference/rules.md.
"""
