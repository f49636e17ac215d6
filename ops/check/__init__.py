"""`ops check`: problems in the files, reported before a deployment.

    files     ──▶ subject ──▶ rules ──▶ findings ──▶ ignored by comments ──▶ output, fixes
    aws       ──▶ live ─────┤  (only with --live; `aws/remote.py` alone calls AWS)
    packaging ──▶ packages ─┘  (only with --package; `packaging/packages.py` alone runs the CLI)

What rules ask: `manifest` (fields, values, containers, tasks), `images` (programs and commands),
`ends` (the days from which AWS refuses something).

A rule is one function with the decorator `rule`; its docstring becomes its section of
docs/reference/rules.md.
"""
