"""The HTTP server that a command starts, and how long it keeps an idle connection. Pure.

Only the command counts. Settings in a program's code, or in files that are not here, are unknown
and lead to no finding.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from ops.check.files.reading import read_text
from ops.check.manifest.tasks import command
from ops.check.subject.model import Subject, Variant
from ops.check.subject.plain import dig, mapping

_NUMBER = r"[= ]['\"]?(\d{1,9})"
# Workers of gunicorn's that keep connections. Its default, sync, closes each one after its answer.
# https://docs.gunicorn.org/en/stable/settings.html#keepalive
_KEEPING = re.compile(
    r"(-k|--worker-class)[= ]\S*(gthread|gevent|eventlet|uvicorn|tornado|aiohttp)"
    r"|--threads[= ]([2-9]|\d{2})"
)


@dataclass(frozen=True)
class Server:
    """A server, the seconds that it keeps an idle connection, and the way to change them."""

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
    """Return gunicorn's settings.

    https://docs.gunicorn.org/en/stable/settings.html#keepalive
    """
    arguments = _variable(subject, variant, "GUNICORN_CMD_ARGS")
    configured = re.search(r"\s(-c|--config)\b", runs) or _has_configuration(subject)
    if arguments is None or configured or not _KEEPING.search(f"{arguments} {runs}"):
        return None
    match = re.search(rf"--keep-alive{_NUMBER}", f"{runs} {arguments}")
    variable = None if match or arguments else ("GUNICORN_CMD_ARGS", "--keep-alive {seconds}")
    return Server("gunicorn", float(match[1]) if match else 2, "--keep-alive {seconds}", variable)


def _uvicorn(subject: Subject, variant: Variant, runs: str) -> Server | None:
    """Return uvicorn's settings. Every option is a variable too.

    https://www.uvicorn.org/settings/#timeouts
    """
    name, option = "UVICORN_TIMEOUT_KEEP_ALIVE", "--timeout-keep-alive {seconds}"
    if match := re.search(rf"--timeout-keep-alive{_NUMBER}", runs):
        return Server("uvicorn", float(match[1]), option)
    written = _variable(subject, variant, name)
    if written == "":
        return Server("uvicorn", 5, option, (name, "{seconds}"))
    return Server("uvicorn", float(written), option) if written and written.isdigit() else None


def _hypercorn(_subject: Subject, _variant: Variant, runs: str) -> Server | None:
    """Return hypercorn's settings.

    https://hypercorn.readthedocs.io/en/latest/how_to_guides/configuring.html
    """
    if re.search(r"\s(-c|--config)\b", runs):
        return None
    match = re.search(rf"--keep-alive{_NUMBER}", runs)
    return Server("hypercorn", float(match[1]) if match else 5, "--keep-alive {seconds}")


def _next(_subject: Subject, _variant: Variant, runs: str) -> Server | None:
    """Return the settings of `next start`. Node keeps a connection for 5 s.

    https://nextjs.org/docs/app/api-reference/cli/next#next-start-options
    """
    match = re.search(rf"--keepAliveTimeout{_NUMBER}", runs)
    seconds = int(match[1]) / 1000 if match else 5
    return Server("Next.js", seconds, "--keepAliveTimeout {milliseconds}")


_SERVERS: tuple[tuple[str, Callable[[Subject, Variant, str], Server | None]], ...] = (
    ("gunicorn", _gunicorn),
    ("uvicorn", _uvicorn),
    ("hypercorn", _hypercorn),
    ("next start", _next),
)


def _variable(subject: Subject, variant: Variant, name: str) -> str | None:
    """Return a variable's text; empty if nothing sets it, None if its value cannot be seen."""
    variables = mapping(dig(variant.data, "variables"))
    if name in variables:
        value = variables[name]
        return None if isinstance(value, dict) or "$" in str(value) else str(value)
    dockerfile = subject.dockerfile(variant)
    set_in_image = (
        [instruction.value for instruction in dockerfile.instructions if instruction.name == "ENV"]
        if (dockerfile)
        else []
    )
    file = dig(variant.data, "env_file")
    text = read_text(subject.root / file) if isinstance(file, str) and "$" not in file else ""
    elsewhere = name in " ".join(set_in_image) or text is None or name in text
    return None if elsewhere or name in mapping(dig(variant.data, "secrets")) else ""


def _has_configuration(subject: Subject) -> bool:
    """Return whether gunicorn finds a configuration file in its directory, often the workspace's
    root.
    """
    return (subject.root / "gunicorn.conf.py").is_file()
