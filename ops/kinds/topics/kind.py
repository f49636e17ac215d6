"""The kind `topics`: SNS topics, for `ops plan` and `ops sync`."""

from ops.kinds.topics.desired import desired
from ops.kinds.topics.remote import Remote
from ops.plan.kind import Implementation

KIND = Implementation(desired=desired, remote=Remote)
