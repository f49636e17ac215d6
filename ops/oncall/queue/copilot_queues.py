"""The queue that Copilot created for a Worker Service without a queue in its `ops.yml`.

CloudFormation generates the end of its name, so only the service's stack has it.
https://aws.github.io/copilot-cli/docs/manifest/worker-service/#subscribe
"""

from dataclasses import replace

from ops.aws.client import Aws
from ops.base.errors import OpsError
from ops.copilot.place import ServiceStack
from ops.copilot.services import RequestedServices
from ops.copilot.stacks import read_stacks
from ops.copilot.workload import WORKER


def with_copilot_queues(requested: RequestedServices, aws: Aws) -> RequestedServices:
    """Add the queues that Copilot created: one call for each Worker Service that names none.

    A service whose stack cannot be read adds a problem.
    """
    kinds = {
        name: workload.type
        for name, workload in requested.workloads.items()
        if workload.type == WORKER and workload.queue is None
    }
    if not kinds:
        return requested
    workloads, problems = dict(requested.workloads), list(requested.problems)
    application, environment = requested.workspace.application, requested.environment
    for name, stack in read_stacks(aws, application, environment, kinds).items():
        if isinstance(stack, ServiceStack):
            workloads[name] = replace(workloads[name], queue=stack.queue)
        elif isinstance(stack, OpsError):
            problems.append(stack)
    return replace(requested, workloads=workloads, problems=tuple(problems))
