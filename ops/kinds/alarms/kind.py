"""The kind `alarms`: CloudWatch alarms, for `ops plan` and `ops sync`."""

from ops.kinds.alarms.desired import desired, warnings
from ops.kinds.alarms.remote import Remote
from ops.plan.kind import Implementation

KIND = Implementation(desired=desired, remote=Remote, warnings=warnings)
