"""What AWS Copilot does not cover, kept as files beside its manifests.

One pipeline serves every kind of resource:

    workspace ──▶ desired ──┐
                            ├──▶ plan ──▶ rendered (text, JSON) or applied
    AWS ───────▶ live ──────┘

`ops.workspace` reads files. `ops/<kind>/desired.py` decides, and may not reach AWS.
`ops/<kind>/remote.py`, `ops.stacks` and `ops.aws` are the only callers of AWS.
`ops.plan` compares, `ops.render` prints, `ops.apply` applies: once for all kinds (`ops.kinds`).
"""
