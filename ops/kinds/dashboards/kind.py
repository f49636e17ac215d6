"""The kind `dashboards`: CloudWatch dashboards, for `ops plan` and `ops sync`."""

from ops.kinds.dashboards.desired import desired
from ops.kinds.dashboards.remote import Remote
from ops.plan.kind import Implementation

KIND = Implementation(desired=desired, remote=Remote)
