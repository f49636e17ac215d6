"""CloudFormation for the embedded AWS: the parts of a Copilot deployment that moto lacks.

    template ──▶ resolved against parameters, conditions and other resources ──▶ applied

`template` reads a template, `intrinsics` resolves its functions, `stack` holds a stack's data,
`operations` creates, updates, rolls back and deletes, `changes` predicts its changes, and
`resources` creates each resource. `ops.local.gaps.cloudformation` replaces moto's stacks with it.
"""
