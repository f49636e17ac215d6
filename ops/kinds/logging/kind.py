"""Metric filters and saved queries, as the pipeline uses them."""

from ops.kinds.logging.desired import desired
from ops.kinds.logging.remote import Remote
from ops.plan.kind import Implementation

KIND = Implementation(desired=desired, remote=Remote)
