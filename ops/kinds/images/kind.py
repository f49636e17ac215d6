"""ECR repositories, as the pipeline uses them."""

from ops.kinds.images.desired import desired
from ops.kinds.images.remote import Remote
from ops.plan.kind import Implementation

KIND = Implementation(desired=desired, remote=Remote)
