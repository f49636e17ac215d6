"""SNS topics, as the pipeline uses them."""

from ops.kinds.topics.desired import desired
from ops.kinds.topics.remote import Remote
from ops.plan.kind import Implementation

KIND = Implementation(desired=desired, remote=Remote)
