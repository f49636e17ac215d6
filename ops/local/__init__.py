"""The embedded AWS: a Copilot workspace on a laptop, by the real CLI, without an account.

    session          one run: everything brought up in order, and ended in the opposite one
    server           moto in this process, by HTTP; `proxy` and `certificates` for the Copilot CLI
    gaps             what moto lacks, one file a gap
    cloudformation   stacks that come to be, change, roll back and go as CloudFormation's do
    fargate          the tasks of every ECS service, as local processes
    copilot          the CLI's commands, and the reasons when one fails
    secrets          the values of the secrets that manifests name
    companions       what a workspace wants beside its tasks
    state            how `ops local run` and `down` find what `up` started

It is for laptops and tests. Production is ECS.
"""
