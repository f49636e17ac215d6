"""The kind `schedules`: off-hours, for `ops plan` and `ops sync`."""

from ops.kinds.schedules.desired import desired, warnings
from ops.kinds.schedules.remote import Remote
from ops.plan.kind import Implementation

KIND = Implementation(desired=desired, remote=Remote, warnings=warnings)
