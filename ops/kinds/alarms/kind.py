"""CloudWatch alarms, as the pipeline uses them."""

from ops.kinds.alarms.desired import desired
from ops.kinds.alarms.remote import Remote
from ops.plan.kind import Implementation

KIND = Implementation(desired=desired, remote=Remote)
