"""The embedded AWS: a Copilot workspace on a laptop, by the real CLI, without an account.

    run             one `ops local up`: start, deploy, state, stop
    endpoint        moto in this process, by HTTP; proxy and certificates for the Copilot CLI
    gaps            what moto lacks, one file a gap
    locks           a lock for each service of moto
    cloudformation  stacks that are created, changed, rolled back and deleted as in CloudFormation
    fargate         the tasks of every ECS service, as local processes
    metrics         the metrics of the embedded CloudWatch, and the control plane's clock
    loop            the control loop: alarms and scaling act
    plane           what tasks and the control loop share: journal, notifications, events
    load            requests to the application, as a file describes them
    gameday         stories in which something goes wrong, with a verdict
    page            the page that shows all this
    assumptions     what a run assumes, because only an account could show it

It is for laptops and tests. Production is ECS.
"""
