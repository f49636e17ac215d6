"""The platform that a workload runs on, and the platforms of an image, as engines name both. Pure.

Fargate starts no task from an image of another platform: it ends with `exec format error`.
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html
"""

from collections.abc import Mapping
from typing import Any

DEFAULT = "linux/amd64"  # what Copilot calls linux/x86_64, its default
_PROCESSORS = {"x86_64": "amd64", "amd64": "amd64", "arm64": "arm64", "arm": "arm64"}


def platform_of(manifest: Mapping[str, Any]) -> str:
    """Return the platform of a manifest: a text, or an operating system and an architecture.

    https://aws.github.io/copilot-cli/docs/manifest/backend-service/#platform
    """
    written = manifest.get("platform")
    if written is None:
        return DEFAULT
    if isinstance(written, Mapping):
        system, processor = written.get("osfamily", "linux"), written.get("architecture", "x86_64")
    else:
        system, _, processor = str(written).partition("/")
    processor = str(processor).lower()
    return f"{str(system).lower().partition('_')[0]}/{_PROCESSORS.get(processor, processor)}"


def platforms_of_index(manifest: Mapping[str, Any]) -> frozenset[str]:
    """Return the platforms of an image index; attestations have the platform `unknown`.

    https://github.com/opencontainers/image-spec/blob/main/image-index.md
    """
    platforms = (platform.get("platform", {}) for platform in manifest.get("manifests", ()))
    return frozenset(
        _name(platform) for platform in platforms if platform.get("os", "unknown") != "unknown"
    )


def platform_of_config(config: Mapping[str, Any]) -> frozenset[str]:
    """Return the platform in an image's configuration; empty if it names none.

    https://github.com/opencontainers/image-spec/blob/main/config.md
    """
    return frozenset({_name(config)} if config.get("os") and config.get("architecture") else ())


def _name(platform: Mapping[str, Any]) -> str:
    return f"{platform['os']}/{platform.get('architecture', '')}"
