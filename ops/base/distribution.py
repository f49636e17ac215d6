"""The installed distribution with `ops`: the toolkit, or the repository with the backend."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

_OWN = "ops-for-copilot"
_REPOSITORY = "amply-on-copilot"


def installed() -> tuple[str, str]:
    """Return the name and the version of the distribution."""
    try:
        return _OWN, version(_OWN)
    except PackageNotFoundError:
        return _REPOSITORY, version(_REPOSITORY)


def requirement(extra: str) -> str:
    """Return the requirement that pip must install for an extra."""
    name, _ = installed()
    return name if name == _OWN and extra == "ops" else f"{name}[{extra}]"
