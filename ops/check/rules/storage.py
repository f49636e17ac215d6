"""The storage of a task: its own disk, and volumes of EFS."""

from collections.abc import Iterator
from typing import Any

from ops.check.finding import Hit, Severity
from ops.check.plain import dig, mapping, number
from ops.check.registry import rule
from ops.check.subject import Manifest, Subject
from ops.copilot.workload import FARGATE

_STORAGE = "https://aws.github.io/copilot-cli/docs/developing/storage/"

# EFSVolumeConfiguration in aws/copilot-cli, internal/pkg/manifest/storage.go.
_OWN = ("id", "root_dir", "auth")  # of a file system that is there already
_MANAGED = ("uid", "gid")  # of the one that Copilot makes


@rule(Severity.ERROR, f"{_STORAGE}#ephemeral-volumes")
def ephemeral_storage(subject: Subject) -> Iterator[Hit]:
    """A task is to have less or more disk of its own than Copilot gives.

    Why: Copilot refuses the manifest.

    Mend: Write 20 to 200, in GiB. 20 is what a task has without it.
    """
    for variant in subject.variants(*FARGATE):
        size = number(dig(variant.data, "storage", "ephemeral"))
        if size is not None and not 20 <= size <= 200:
            yield variant.hit(("storage", "ephemeral"), f"{size} GiB are not within 20 and 200")


@rule(Severity.ERROR, f"{_STORAGE}#file-systems")
def efs_of_two_kinds(subject: Subject) -> Iterator[Hit]:
    """A volume is of the file system that Copilot makes, and of another.

    Why: Copilot refuses the manifest. `uid` and `gid` are for the one that it makes, `id`,
    `root_dir` and `auth` for one that is there already.

    Mend: Keep those of one kind.
    """
    for manifest in subject.manifests:
        for at, efs in _described(manifest) if manifest.type in FARGATE else ():
            own, managed = (
                [name for name in names if efs.get(name) not in (None, {})]
                for names in (_OWN, _MANAGED)
            )
            if own and managed:
                yield manifest.hit((*at, managed[0]), f"`{managed[0]}` beside `{own[0]}`")


def _described(manifest: Manifest) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
    """The `efs` of each volume, in the manifest and in each override: Copilot reads them apart."""
    overrides = (("environments", name) for name in manifest.overridden)
    at: tuple[str, ...]
    for at in ((), *overrides):
        volumes = mapping(dig(manifest.data, *at, "storage", "volumes"))
        for name, volume in volumes.items():
            yield (*at, "storage", "volumes", name, "efs"), mapping(dig(volume, "efs"))
