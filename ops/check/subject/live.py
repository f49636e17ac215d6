"""The state of AWS that `ops check --live` read. Pure data; `remote.py` reads it."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Stored:
    """A secret or parameter: its tags, or the reason why it could not be read."""

    tags: Mapping[str, str] = field(default_factory=dict)
    error: str = ""


@dataclass(frozen=True)
class Live:
    """The state of AWS in one environment, as far as the workspace refers to it.

    None is a resource that does not exist. A resource that was not looked up is no key.
    """

    environment: str
    secrets: Mapping[str, Stored | None] = field(default_factory=dict)  # Secrets Manager, by name
    parameters: Mapping[str, Stored | None] = field(default_factory=dict)  # SSM, by name
    queues: Mapping[str, Mapping[str, str] | None] = field(default_factory=dict)  # attributes
    images: Mapping[str, bool] = field(default_factory=dict)  # by location, tag included
    stacks: Mapping[str, str | None] = field(default_factory=dict)  # status, by service
    alarms: Mapping[str, str | None] = field(default_factory=dict)  # state, by name
    exports: frozenset[str] | None = None  # of all stacks of the region; None: not asked
    vcpus: float | None = None  # the quota of Fargate On-Demand in this region
    refused: tuple[str, ...] = ()  # sentences about calls that AWS does not allow
