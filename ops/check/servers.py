"""The HTTP server that a command starts, and how long it keeps an idle connection. Pure.

Only what the command shows: what a program sets in its own code, or in a file that is not here, is
not known, and nothing is said about it.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from ops.check.plain import dig, mapping
from ops.check.reading import read_text
from ops.check.subject import Subject, Variant
from ops.check.tasks import command

_NUMBER = r"[= ]['\"]?(\d{1,9})"
# Workers of gunicorn's that keep connections. Its default, sync, closes each one after its answer.
# https://docs.gunicorn.org/en/stable/settings.html#keepalive
_KEEPING = re.compile(
    r"(-k|--worker-class)[= ]\S*(gthread|gevent|eventlet|uvicorn|tornado|aiohttp)"
    r"|--threads[= ]([2-9]|\d{2})"
)


@dataclass(frozen=True)
class Server:
    """A server, the seconds that it keeps an idle connection, and how to say another number."""

    name: str
    seconds: float
    option: str  # with {seconds}, or {milliseconds}
    variable: tuple[str, str] | None = (
        None  # a variable that says it, and its value, with {seconds}
    )


def server_of(subject: Subject, variant: Variant) -> Server | None:
    """Return the server that a workload's main container starts, if its command shows it."""
    runs = " ".join(command(subject, variant).split())
    for pattern, read in _SERVERS:
        if re.search(rf"(?:^|[\s;&|/'\"]){pattern}(?=[\s'\"]|$)", runs):
            return read(subject, variant, runs)
    return None


def _gunicorn(subject: Subject, variant: Variant, runs: str) -> Server | None:
    """https://docs.gunicorn.org/en/stable/settings.html#keepalive"""
    arguments = _variable(subject, variant, "GUNICORN_CMD_ARGS")
    configured = re.search(r"\s(-c|--config)\b", runs) or _has_configuration(subject)
    if arguments is None or configured or not _KEEPING.search(f"{arguments} {runs}"):
        return None
    found = re.search(rf"--keep-alive{_NUMBER}", f"{runs} {arguments}")
    variable = None if found or arguments else ("GUNICORN_CMD_ARGS", "--keep-alive {seconds}")
    return Server("gunicorn", float(found[1]) if found else 2, "--keep-alive {seconds}", variable)


def _uvicorn(subject: Subject, variant: Variant, runs: str) -> Server | None:
    """https://www.uvicorn.org/settings/#timeouts: every option is a variable too."""
    name, option = "UVICORN_TIMEOUT_KEEP_ALIVE", "--timeout-keep-alive {seconds}"
    if found := re.search(rf"--timeout-keep-alive{_NUMBER}", runs):
        return Server("uvicorn", float(found[1]), option)
    written = _variable(subject, variant, name)
    if written == "":
        return Server("uvicorn", 5, option, (name, "{seconds}"))
    return Server("uvicorn", float(written), option) if written and written.isdigit() else None


def _hypercorn(_subject: Subject, _variant: Variant, runs: str) -> Server | None:
    """https://hypercorn.readthedocs.io/en/latest/how_to_guides/configuring.html"""
    if re.search(r"\s(-c|--config)\b", runs):
        return None
    found = re.search(rf"--keep-alive{_NUMBER}", runs)
    return Server("hypercorn", float(found[1]) if found else 5, "--keep-alive {seconds}")


def _next(_subject: Subject, _variant: Variant, runs: str) -> Server | None:
    """https://nextjs.org/docs/app/api-reference/cli/next#next-start-options. Node keeps 5 s."""
    found = re.search(rf"--keepAliveTimeout{_NUMBER}", runs)
    seconds = int(found[1]) / 1000 if found else 5
    return Server("Next.js", seconds, "--keepAliveTimeout {milliseconds}")


_SERVERS: tuple[tuple[str, Callable[[Subject, Variant, str], Server | None]], ...] = (
    ("gunicorn", _gunicorn),
    ("uvicorn", _uvicorn),
    ("hypercorn", _hypercorn),
    ("next start", _next),
)


def _variable(subject: Subject, variant: Variant, name: str) -> str | None:
    """Return a variable's text; empty where nothing sets it, None where it is set out of sight."""
    variables = mapping(dig(variant.data, "variables"))
    if name in variables:
        value = variables[name]
        return None if isinstance(value, dict) or "$" in str(value) else str(value)
    dockerfile = subject.dockerfile(variant)
    set_in_image = (
        [each.value for each in dockerfile.instructions if each.name == "ENV"]
        if (dockerfile)
        else []
    )
    file = dig(variant.data, "env_file")
    text = read_text(subject.root / file) if isinstance(file, str) and "$" not in file else ""
    elsewhere = name in " ".join(set_in_image) or text is None or name in text
    return None if elsewhere or name in mapping(dig(variant.data, "secrets")) else ""


def _has_configuration(subject: Subject) -> bool:
    """Whether gunicorn finds a file of its own in its directory, which is often the workspace's."""
    return (subject.root / "gunicorn.conf.py").is_file()
