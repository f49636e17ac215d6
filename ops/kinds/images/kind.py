"""ECR repositories as an implementation for the pipeline."""

from ops.kinds.images.desired import desired
from ops.kinds.images.remote import Remote
from ops.plan.kind import Implementation

KIND = Implementation(desired=desired, remote=Remote)
