"""Resource types with code of their own, because moto's drop properties or do not exist.

    app_runner  App Runner services: created and described, never served
    custom      Copilot's custom resources, which are Lambda functions on AWS
    ecs         clusters, task definitions and services
    elbv2       load balancers and target groups
    iam         roles
    kms         keys
    nested      nested stacks, with which Copilot deploys addons
    secrets     secrets and parameters
    sns         topics
    sqs         queues

Each has a table `TYPES`, by the name of the type, but for `custom`: its names are open.
"""
