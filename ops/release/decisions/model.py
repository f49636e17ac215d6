"""The plan of a release. Pure data."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class Version:
    """The image and the tasks that a workload runs now."""

    tag: str | None  # of its image in the released repository
    digests: frozenset[str] = frozenset()  # of that image in the running tasks
    task_definition: str = ""  # family:revision
    since: datetime | None = None
    tasks: int = 0


@dataclass(frozen=True)
class Image:
    """An image of the released repository."""

    tag: str
    digest: str
    platforms: frozenset[str] = frozenset()  # digests of the images that an index stands for

    @property
    def digests(self) -> frozenset[str]:
        """Return the digests that a task of this image may report."""
        return self.platforms | {self.digest}


@dataclass(frozen=True)
class Change:
    """A workload and its new image. `before` is None if it is not deployed yet."""

    workload: str
    type: str  # as in the manifest
    image: Image
    before: Version | None

    @property
    def is_needed(self) -> bool:
        """Return whether the workload runs another image."""
        if self.before is None or self.before.tag != self.image.tag:
            return True
        return bool(self.before.digests - self.image.digests)


@dataclass(frozen=True)
class Source:
    """The commits and migrations between the running version and the new one.

    `is_known` is False if git does not know one of the two tags.
    """

    commits: tuple[str, ...] = ()  # the newest first: `abc1234 Subject`
    migrations: tuple[str, ...] = ()  # files that the release adds
    is_known: bool = True


@dataclass(frozen=True)
class Plan:
    """A release: its waves in order; the workloads of a wave are deployed side by side."""

    application: str
    environment: str
    waves: tuple[tuple[Change, ...], ...]
    unchanged: tuple[Change, ...] = ()
    source: Source = field(default_factory=Source)
    warnings: tuple[str, ...] = ()
    is_rollback: bool = False
    released: Mapping[str, str] = field(default_factory=dict)  # who released what runs, by tag

    @property
    def changes(self) -> tuple[Change, ...]:
        """Return all changes in their order."""
        return tuple(change for wave in self.waves for change in wave)

    @property
    def tag(self) -> str:
        """Return the new tag; several for a rollback to different tags."""
        everything = (*self.changes, *self.unchanged)
        return ", ".join(dict.fromkeys(change.image.tag for change in everything))

    @property
    def digest(self) -> str | None:
        """Return the digest of the image; None if it is to be built, or there are several."""
        everything = (*self.changes, *self.unchanged)
        digests = {change.image.digest for change in everything}
        return (digests.pop() or None) if len(digests) == 1 else None
