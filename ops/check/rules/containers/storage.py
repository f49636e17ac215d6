"""The storage of a task: its own disk, and volumes of EFS."""

from collections.abc import Iterator
from typing import Any

from ops.check.finding import Hit, Severity
from ops.check.registry import rule
from ops.check.subject.model import Manifest, Subject, Variant
from ops.check.subject.plain import dig, mapping, number, text, whole
from ops.copilot.workload import FARGATE

_STORAGE = "https://aws.github.io/copilot-cli/docs/developing/storage/"

# EFSVolumeConfiguration in aws/copilot-cli, internal/pkg/manifest/storage.go.
_OWN = ("id", "root_dir", "auth")  # of a file system that is there already
_MANAGED = ("uid", "gid")  # of the one that Copilot makes
_MOST = 2**32 - 1


@rule(Severity.ERROR, f"{_STORAGE}#ephemeral-volumes")
def ephemeral_storage(subject: Subject) -> Iterator[Hit]:
    """A task's ephemeral storage is smaller or larger than Copilot allows.

    Why: Copilot refuses the manifest.

    Fix: Write 20 to 200, in GiB. The default is 20.
    """
    for variant in subject.variants(*FARGATE):
        size = number(dig(variant.data, "storage", "ephemeral"))
        if size is not None and not 20 <= size <= 200:
            yield variant.hit(("storage", "ephemeral"), f"{size} GiB is not between 20 and 200")


@rule(Severity.ERROR, f"{_STORAGE}#file-systems")
def efs_of_two_kinds(subject: Subject) -> Iterator[Hit]:
    """A volume has fields of Copilot's own file system and of an imported one.

    Why: Copilot refuses the manifest: `uid` and `gid` are for its own file system; `id`, `root_dir`
    and `auth` for an existing one.

    Fix: Keep the fields of one kind.
    """
    for manifest in subject.manifests:
        for at, efs in _described(manifest) if manifest.type in FARGATE else ():
            own, managed = (
                [name for name in names if efs.get(name) not in (None, {})]
                for names in (_OWN, _MANAGED)
            )
            if own and managed:
                yield manifest.hit((*at, managed[0]), f"`{managed[0]}` with `{own[0]}`")


def _described(manifest: Manifest) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
    """Yield the `efs` of each volume, in the manifest and in each override: Copilot validates them
    separately.
    """
    overrides = (("environments", name) for name in manifest.overridden)
    at: tuple[str, ...]
    for at in ((), *overrides):
        volumes = mapping(dig(manifest.data, *at, "storage", "volumes"))
        for name, volume in volumes.items():
            yield (*at, "storage", "volumes", name, "efs"), mapping(dig(volume, "efs"))


@rule(Severity.ERROR, f"{_STORAGE}#managed-efs")
def efs_user(subject: Subject) -> Iterator[Hit]:
    """A volume has only one of `uid` and `gid`, or the user 0.

    Why: Copilot refuses the manifest: its file system needs both, and not root.

    Fix: Give both `uid` and `gid`, the first above 0.
    """
    for variant, at, efs in _volumes_of_efs(subject):
        given = [name for name in _MANAGED if efs.get(name) is not None]
        if len(given) == 1:
            yield variant.hit((*at, given[0]), f"`{given[0]}` is set without the other")
        elif len(given) > 1 and not 0 < whole(efs.get("uid")) <= _MOST:
            # Copilot reads 0 for what it cannot read: see `value-passed-over`.
            yield variant.hit((*at, "uid"), "`uid` is 0")


@rule(Severity.ERROR, f"{_STORAGE}#manifest-syntax")
def efs_access_point(subject: Subject) -> Iterator[Hit]:
    """A volume has an access point and settings that it replaces.

    Why: Copilot refuses the manifest: an access point has its own root directory, and EFS requires
    IAM for it.

    Fix: Remove `root_dir`, and remove `auth.iam` or write `iam: true`.
    """
    for variant, at, efs in _volumes_of_efs(subject):
        auth = mapping(efs.get("auth"))
        if auth.get("access_point_id") is None:
            continue
        if text(efs.get("root_dir")) not in (None, "", "/"):
            yield variant.hit((*at, "root_dir"), "`root_dir` next to `access_point_id`")
        iam = auth.get("iam")
        # Copilot reads false for what it cannot read.
        if iam is not None and iam is not True and "$" not in str(iam):
            yield variant.hit((*at, "auth", "iam"), "`iam` is not true next to `access_point_id`")


@rule(Severity.ERROR, f"{_STORAGE}#managed-efs")
def second_managed_volume(subject: Subject) -> Iterator[Hit]:
    """A task has two volumes of the file system that Copilot creates.

    Why: Copilot refuses the manifest: it creates one directory for each service.

    Fix: Keep one volume with `efs: true`, or with `uid` and `gid`, and mount it once.
    """
    for variant in subject.variants(*FARGATE):
        volumes = mapping(dig(variant.data, "storage", "volumes"))
        managed = [name for name, volume in volumes.items() if _is_managed(dig(volume, "efs"))]
        for name in managed[1:]:
            message = f"`{name}` and `{managed[0]}` are both managed by Copilot"
            yield variant.hit(("storage", "volumes", name, "efs"), message)


def _is_managed(efs: object) -> bool:
    return efs is True or any(mapping(efs).get(name) is not None for name in _MANAGED)


def _volumes_of_efs(
    subject: Subject,
) -> Iterator[tuple[Variant, tuple[str, ...], dict[str, Any]]]:
    """Yield the `efs` of each volume that describes it, in each environment."""
    for variant in subject.variants(*FARGATE):
        for name, volume in mapping(dig(variant.data, "storage", "volumes")).items():
            efs = mapping(dig(volume, "efs"))
            if efs:
                yield variant, ("storage", "volumes", name, "efs"), efs
