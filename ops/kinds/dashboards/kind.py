"""CloudWatch dashboards as an implementation for the pipeline."""

from ops.kinds.dashboards.desired import desired
from ops.kinds.dashboards.remote import Remote
from ops.plan.kind import Implementation

KIND = Implementation(desired=desired, remote=Remote)
