"""The kind `events`: EventBridge rules, for `ops plan` and `ops sync`."""

from ops.kinds.events.desired import desired, warnings
from ops.kinds.events.remote import Remote
from ops.plan.kind import Implementation

KIND = Implementation(desired=desired, remote=Remote, warnings=warnings)
