"""The kind `scaling`: scaling policies, for `ops plan` and `ops sync`."""

from ops.kinds.scaling.desired import desired, warnings
from ops.kinds.scaling.remote import Remote
from ops.plan.kind import Implementation

KIND = Implementation(desired=desired, remote=Remote, warnings=warnings)
