"""The embedded AWS: a Copilot workspace on a laptop, by the real CLI, without an account.

    session          one run: everything started in order, and stopped in reverse order
    server           moto in this process, by HTTP; `proxy` and `certificates` for the Copilot CLI
    gaps             what moto lacks, one file a gap
    locks            a lock for each service of moto
    cloudformation   stacks that are created, changed, rolled back and deleted as in CloudFormation
    fargate          the tasks of every ECS service, as local processes
    copilot          the CLI's commands, and the reasons of failures
    secrets          the values of the secrets that manifests name
    companions       additional processes of a workspace
    state            the record with which `ops local run` and `down` find a running `up`

It is for laptops and tests. Production is ECS.
"""
