"""The operating system and the processor that a task runs on."""

from collections.abc import Iterator

from ops.check.finding import Hit, Severity
from ops.check.registry import rule
from ops.check.subject.model import Subject, Variant
from ops.check.subject.plain import dig, mapping, number, text
from ops.copilot.workload import APP_RUNNER, BACKEND, FARGATE, WEB

_PLATFORM = "https://aws.github.io/copilot-cli/docs/manifest/backend-service/#platform"
_WINDOWS = "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/windows-considerations.html"

# aws/copilot-cli, internal/pkg/manifest/workload_ecs.go: validShortPlatforms and
# validAdvancedPlatforms.
_PROCESSORS = {"linux": ("amd64", "x86_64", "arm", "arm64"), "windows": ("amd64", "x86_64")}
_SERVERS = [f"windows_server_{year}_{size}" for year in (2019, 2022) for size in ("core", "full")]
_LEAST_CPU = 1024  # units: what Fargate gives a Windows task at least


def _platform(variant: Variant) -> tuple[str, str] | None:
    """Return a task's system and processor, in lower case; empty where the manifest is silent."""
    written = dig(variant.data, "platform")
    if (short := text(written)) is not None:
        system, _, processor = short.lower().partition("/")
        return system, processor
    if mapping(written):
        system, processor = (dig(written, name) for name in ("osfamily", "architecture"))
        return str(system or "").lower(), str(processor or "").lower()
    return None


@rule(Severity.ERROR, _PLATFORM)
def unknown_platform(subject: Subject) -> Iterator[Hit]:
    """Copilot does not know a workload's platform.

    Why: Copilot refuses the manifest.

    Fix: Write `linux/x86_64`, `linux/arm64` or `windows/x86_64`, or a mapping with `osfamily` and
    `architecture`.
    """
    for variant in subject.variants(*FARGATE, APP_RUNNER):
        platform, written = _platform(variant), dig(variant.data, "platform")
        if platform is None or "$" in str(written):
            continue
        system, processor = platform
        known = dict(_PROCESSORS)
        if isinstance(written, dict):
            known |= dict.fromkeys(_SERVERS, _PROCESSORS["windows"])
        if processor not in known.get(system, ()):
            shown = "/".join(platform) if isinstance(written, dict) else written
            yield variant.hit(("platform",), f"`{shown}` is not a platform")


def _on_windows(subject: Subject) -> Iterator[Variant]:
    for variant in subject.variants(*FARGATE):
        platform = _platform(variant)
        if platform is not None and platform[0] in {"windows", *_SERVERS}:
            yield variant


@rule(Severity.ERROR, _WINDOWS)
def lacking_on_windows(subject: Subject) -> Iterator[Hit]:
    """A task for Windows uses EFS, a read-only root filesystem or Service Connect.

    Why: Copilot refuses the manifest: Windows containers have no EFS, no read-only root filesystem
    and no Service Connect.

    Fix: Remove the feature, or run the task on Linux.
    """
    for variant in _on_windows(subject):
        storage = mapping(dig(variant.data, "storage"))
        if storage.get("readonly_fs") is True:
            yield variant.hit(("storage", "readonly_fs"), "Windows has no read-only filesystem")
        for name, volume in mapping(storage.get("volumes")).items():
            if dig(volume, "efs") not in (None, False, {}):
                yield variant.hit(("storage", "volumes", name, "efs"), "Windows has no EFS")
        connect = dig(variant.data, "network", "connect")
        connected = connect is True or dig(connect, "alias") is not None
        if connected and variant.type in {WEB, BACKEND}:
            yield variant.hit(("network", "connect"), "Windows has no Service Connect")


@rule(Severity.ERROR, _WINDOWS)
def windows_task_size(subject: Subject) -> Iterator[Hit]:
    """A task for Windows has less CPU than Fargate's minimum for Windows.

    Why: The deployment fails: ECS refuses the task definition.

    Fix: Write `cpu: 1024` and `memory: 2048`, or more.
    """
    for variant in _on_windows(subject):
        written = dig(variant.data, "cpu")
        cpu = 256 if written is None else number(written)
        if cpu is not None and cpu < _LEAST_CPU:
            at = ("cpu",) if written is not None else ("platform",)
            yield variant.hit(at, f"{cpu} CPU units; the minimum on Windows is {_LEAST_CPU}")
