"""The kind `images`: ECR repositories, for `ops plan` and `ops sync`."""

from ops.kinds.images.desired import desired
from ops.kinds.images.remote import Remote
from ops.plan.kind import Implementation

KIND = Implementation(desired=desired, remote=Remote)
