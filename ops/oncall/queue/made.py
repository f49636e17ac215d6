"""The queue that Copilot made for a Worker Service, where its `ops.yml` names none.

Its name ends in what CloudFormation drew, so only the service's stack tells it.
https://aws.github.io/copilot-cli/docs/manifest/worker-service/#subscribe
"""

from dataclasses import replace

from ops.aws.client import Aws
from ops.base.errors import OpsError
from ops.copilot.place import ServiceStack
from ops.copilot.services import Wanted
from ops.copilot.stacks import read_stacks
from ops.copilot.workload import WORKER


def with_made_queues(wanted: Wanted, aws: Aws) -> Wanted:
    """The same with these queues: a call for each Worker Service that names none, else no call.

    A service whose stack cannot be read is one problem more.
    """
    kinds = {
        name: workload.type
        for name, workload in wanted.workloads.items()
        if workload.type == WORKER and workload.queue is None
    }
    if not kinds:
        return wanted
    workloads, problems = dict(wanted.workloads), list(wanted.problems)
    application, environment = wanted.workspace.application, wanted.environment
    for name, stack in read_stacks(aws, application, environment, kinds).items():
        if isinstance(stack, ServiceStack):
            workloads[name] = replace(workloads[name], queue=stack.queue)
        elif isinstance(stack, OpsError):
            problems.append(stack)
    return replace(wanted, workloads=workloads, problems=tuple(problems))
