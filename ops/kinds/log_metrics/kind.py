"""Metric filters and saved queries as an implementation for the pipeline."""

from ops.kinds.log_metrics.desired import desired
from ops.kinds.log_metrics.remote import Remote
from ops.plan.kind import Implementation

KIND = Implementation(desired=desired, remote=Remote)
