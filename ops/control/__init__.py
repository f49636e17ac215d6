"""AWS's own rules for metrics, alarms and scaling, as pure functions.

Nothing here imports from the rest of `ops` or from botocore: the models of `ops.yml`, the plan and
the embedded AWS all apply the same rules.
"""
