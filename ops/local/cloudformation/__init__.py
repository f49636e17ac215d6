"""CloudFormation for the embedded AWS: what moto's lacks to deploy a Copilot workspace.

    template ──▶ resolved against parameters, conditions and other resources ──▶ applied

`template` reads a template, `intrinsics` resolves its functions, `stack` holds what a stack is,
`engine` creates, updates, rolls back and deletes, `changes` says beforehand what it would do, and
`resources` makes each resource. `ops.local.gaps.cloudformation` puts it in the place of moto's.
"""
