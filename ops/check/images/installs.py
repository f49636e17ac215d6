"""The programs of an image, as far as its base and the lines of its Dockerfile show them. Pure."""

import json
import re
import shlex
from collections.abc import Iterator
from itertools import dropwhile

from ops.check.images.shell import commands
from ops.check.subject.dockerfile import Dockerfile, Instruction, official

# What base images lack: the pattern of an official image, and the programs not in it. Others may
# have put anything into theirs. Full images of Debian (`python:3.12`) have curl and procps, slim
# ones of Ruby had procps for years, and Alpine has all but curl from BusyBox.
_LACKING = (
    (r"(python|node|openjdk|rust):\S*slim\S*", "curl wget ps pgrep nc"),
    (r"(ruby|perl):\S*slim\S*", "curl wget nc"),
    (r"(python|node|ruby|golang):\S*alpine\S*", "curl"),
    (r"alpine(:\S+)?", "curl"),
    (r"debian(:\S+)?", "curl wget ps pgrep nc"),
    (r"ubuntu(:\S+)?", "curl wget"),
    (r"gcr\.io/distroless/(?!\S*debug)\S+", "curl wget ps pgrep nc sh"),
    (r"scratch", "curl wget ps pgrep nc sh"),
)

# Debian's packages that have a program under another name, or need one that has, by Depends or
# Recommends: not all there are, but those that Dockerfiles name.
_PROCPS = (
    r"procps|chromium\S*|firefox\S*|libgtk-\S+|libreoffice\S*|clamav\S*|ssh|openssh-server|cmake"
    r"|(default-)?(mysql|mariadb)-server|postgresql(-common|-\d+)?|rabbitmq-server|wkhtmltopdf"
    r"|(default|openjdk-\d+)-j(re|dk)|python3-opencv|apache2|php|sendmail|fish"
)
_BRINGS = {
    "curl": r"gettext|debhelper|devscripts|intltool|php-dev|apache2-dev|cabal-install",
    "wget": r"google-chrome\S*|ansible|devscripts|luarocks|opam|debootstrap",
    "ps": _PROCPS,
    "pgrep": _PROCPS,
    "nc": r"netcat(-openbsd|-traditional)?|ncat|nmap|libvirt-\S+",
    "sh": r"bash|dash|busybox",
}

_PACKAGE_MANAGERS = {"apt-get", "apt", "aptitude", "apk"}

# What installs no program of an operating system beside those it names: basic tools, and what
# does nothing but install the packages of a language.
_HARMLESS = re.compile(
    r"""
    :|\[\[?|test|true|false|yes|for|echo|printf|export|set|unset|umask|cd|pwd|exit|read|sleep|date
    |id|which|mkdir|rmdir|rm|cp|mv|ln|ls|chmod|chown|chgrp|touch|cat|head|tail|tee|sort|uniq|tr|cut
    |wc|sed|awk|e?grep|find|mktemp|truncate|basename|dirname|readlink|realpath|stat|du|df|uname|strip
    |tar|g(un)?zip|bzip2|xz|(un)?zip|(md5|sha1|sha256|sha512)sum|openssl|base64|jq|rsync
    |add(group|user)|group(add|mod)|user(add|mod)|passwd|chpasswd|chsh|setcap|getcap
    |dpkg-(query|reconfigure|divert)|apt-(mark|key|cache|config)|add-apt-repository|lsb_release
    |debconf-set-selections|update-(alternatives|ca-certificates|locale)|ldconfig|locale-gen
    |localedef|fc-cache|curl|wget|git|ssh-keyscan|gpg|gpgconf
    |pip3?|virtualenv|django-admin|gem|rustup
    """,
    re.VERBOSE,
)
# What runs scripts of a project too, some by their bare names (`yarn setup`), is harmless with
# these words alone. What packages run when they are installed is no operating system's.
_INSTALLS = re.compile(
    r"""
    ((npm|yarn|pnpm|bun)(\ (ci|clean-install|i|install|add|update|up|upgrade|remove|rm|uninstall
        |config|set|cache|store|prune|dedupe|fetch|link|version|global\ add)|$)
    |corepack\ (enable|disable|prepare|use|install)
    |(pipenv|poetry|pdm|uv)(\ (install|sync|lock|add|update|remove|export|requirements|config|self
        |build|check|cache|venv|pip|use|(tool|python)\ install)|$)
    |bundle(\ (install|config|add|update|lock|cache|package|clean|check)|$)
    |composer\ (install|i|require|update|remove|config|self-update|clear-?cache|dump-?autoload
        |global\ require)
    |cargo\ (build|install|fetch|check|test|clean|update|vendor|new|init|chef)
    |go\ (build|install|get|mod|env|version|vet|test|clean)
    |dotnet\ (restore|build|publish|test|pack|clean|new|add|tool\ install)
    |mvn(?!.*\b(exec|antrun):)
    |mix\ (deps|local|compile|release|phx|assets|hex|archive)[.\w]*
    )(?!\S)
    """,
    re.VERBOSE,
)
_PYTHON = re.compile(r"python[\d.]*")
_OF_PYTHON = re.compile(r"(-\w+ )*(-c|-V|--version|-m (?!playwright)|(\S*/)?(manage|setup)\.py)")

# What may stand before a command's name: words of the shell, variables, other commands.
_BEFORE = re.compile(
    r"if|then|else|elif|fi|while|until|do|done|[!{}()]|exec|command|time|sudo|env|[A-Za-z_]\w*=.*",
    re.DOTALL,
)
_AT = re.compile(r"(?:\S*/s?bin/)?([\w.+:\[-]+)")
_FLAGS = re.compile(r"^(--\w+(=\S+)?\s+)*")
_REDIRECTION = re.compile(r"&?\d*>+&?")
_UNREADABLE = re.compile(r"[$<*?`/]")

# Where a system has its programs; what is copied from there may be any of them.
_SYSTEM = {"", "/bin", "/sbin", "/usr", "/usr/bin", "/usr/sbin"}
# Where a project puts programs of its own; Python's official images keep all of theirs there.
_LOCAL = {"/usr/local", "/usr/local/bin", "/usr/local/sbin"}
# What is a single file by its name, and no program of a system. Two are copied to `/bin/` by uv's
# own guide: https://docs.astral.sh/uv/guides/integration/docker/
_FILE = re.compile(r"(^|/)(uvx?|[^/]+\.[a-z]{2,4})$")
_ARCHIVE = re.compile(r"\.(tar(\.\w+)?|tgz|txz|tbz2)(\s|$)")


def lacking(base: str) -> list[str]:
    """Return the programs that an official image is known to lack."""
    image = official(base)
    return next((lacks.split() for known, lacks in _LACKING if re.fullmatch(known, image)), [])


def may_install(dockerfile: Dockerfile, program: str) -> bool:
    """Return whether a Dockerfile names a program or a package that needs it, or runs something
    opaque.
    """
    named = re.compile(rf"\b{program}\b|(?<!\S)({_BRINGS[program]})(?![^\s=;\"',])")
    return any(
        named.search(instruction.value) or _is_open(instruction)
        for instruction in dockerfile.instructions
    )


def _is_open(instruction: Instruction) -> bool:
    """Return whether an instruction may install any program."""
    match instruction.name:
        case "RUN":
            return not all(_is_readable(command) for command in _script(instruction.value))
        case "COPY":
            return _fills_system(instruction.value)
        case "ADD":
            archive = _ARCHIVE.search(instruction.value)
            return archive is not None or _fills_system(instruction.value)
    return False


def _fills_system(value: str) -> bool:
    """Return whether a COPY or ADD, in either of its forms, is from or to a folder of programs."""
    words = re.sub(r"[\[\],\"]", " ", value).split()
    *sources, target = [re.sub(r"/[*.]?$", "", word) for word in words if word[:2] != "--"] or [""]
    is_of_image = "--from=" in value
    if is_of_image and any(source in _SYSTEM for source in sources):
        return True
    targets = _SYSTEM if is_of_image else _SYSTEM | _LOCAL
    return target in targets and not all(_FILE.search(source) for source in sources)


def _script(run: str) -> list[str]:
    """Return the commands of a RUN, in either of its forms."""
    script = _FLAGS.sub("", run, count=1)
    try:
        return [shlex.join(json.loads(script))] if script.startswith("[") else commands(script)
    except (ValueError, TypeError, RecursionError):  # a shell's `[ -f a ] && …`
        return commands(script)


def _is_readable(command: str) -> bool:
    """Return whether a command alone shows which programs of the system it installs, if any."""
    try:
        split = shlex.split(re.sub(r"^[({\s]+", "", command))
    except ValueError:
        return False
    words = list(dropwhile(_BEFORE.fullmatch, split))
    if not words:
        return True
    match = _AT.fullmatch(words[0])
    name, rest = match[1] if match else "", words[1:]
    if name in _PACKAGE_MANAGERS:
        return not any(_hides(argument) for argument in _arguments(rest))
    if _PYTHON.fullmatch(name):
        return _OF_PYTHON.match(" ".join(rest)) is not None
    if _HARMLESS.fullmatch(name):
        return True
    return _INSTALLS.match(" ".join([name, *_arguments(rest)])) is not None


def _arguments(words: list[str]) -> Iterator[str]:
    """Yield the arguments of a package manager except options, addresses and output files."""
    for word, before in zip(words, ["", *words], strict=False):
        output = _REDIRECTION.fullmatch(before) or _REDIRECTION.match(word)
        if not (output or word.startswith("-") or "://" in word):
            yield word


def _hides(argument: str) -> bool:
    """Return whether an argument names packages that are not on the line, such as a file
    of them.
    """
    name = argument.partition("=")[0]
    return name in {"build-dep", "satisfy"} or _UNREADABLE.search(name) is not None
