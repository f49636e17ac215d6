"""The kind `log_metrics`: metric filters and saved queries, for `ops plan` and `ops sync`."""

from ops.kinds.log_metrics.desired import desired
from ops.kinds.log_metrics.remote import Remote
from ops.plan.kind import Implementation

KIND = Implementation(desired=desired, remote=Remote)
