"""The pipeline from declarations and live resources to a plan, and from a plan to output or
changes.

    survey ──▶ model ──▶ output, or apply (directly, or as `reviewed` before)

`kind` and `remote` are the interfaces of a kind of resource.
"""
