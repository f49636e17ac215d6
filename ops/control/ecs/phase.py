"""The phase of a task, for the service scheduler. Pure."""

from enum import IntEnum


class Phase(IntEnum):
    """The phases of a task, in the order in which surplus tasks are stopped."""

    STARTING = 0
    """Not yet shown to work: provisioning, pending, or running without a good health check."""
    HEALTHY = 1
    STOPPING = 2
    """Asked to stop, but its processes may still run."""
