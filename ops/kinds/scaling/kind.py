"""Scaling policies, as the pipeline uses them."""

from ops.kinds.scaling.desired import desired, warnings
from ops.kinds.scaling.remote import Remote
from ops.plan.kind import Implementation

KIND = Implementation(desired=desired, remote=Remote, warnings=warnings)
