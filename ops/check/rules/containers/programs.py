"""Programs that a task calls and its image lacks."""

import re
from collections.abc import Iterator

from ops.check.finding import Hit, Severity
from ops.check.images.installs import lacking, may_install
from ops.check.registry import rule
from ops.check.rules.containers.health import checks
from ops.check.subject.model import Subject
from ops.check.subject.plain import words

# Copilot's own: aws/copilot-cli, internal/pkg/manifest/workload_ecs.go,
# NewDefaultContainerHealthCheck.
_DEFAULT_COMMAND = "CMD-SHELL curl -f http://localhost/ || exit 1"

# Debian's packages that have another name than their program.
_PACKAGES = {"ps": "procps", "pgrep": "procps", "nc": "netcat-openbsd"}

# Where a command begins: at the start, after what ends another, after words that run one. Then
# variables, a time limit or a path may stand.
_RUNS = r"CMD|CMD-SHELL|if|then|else|while|until|do|exec|sudo|\b(?:ba|da|a)?sh\s(?:-\w+\s)*-\w*c"
_BEGINS = rf"(?:^|[;|&({{`]|\b(?:{_RUNS})\s|!\s)"
_BEFORE = r"\s*[\"']?(?:\w+=\S*\s+|timeout\s+(?:[-\d]\S*\s+)+)*(?:[\w./-]*/)?"
# What stands in quotes is no command, but for one that a shell is given or that fills in a value.
_QUOTED = re.compile(r"""(?<!-c )(?:'[^']*'|"(?:\\.|[^"\\`$])*"|\\.)""")


@rule(
    Severity.ERROR,
    "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_HealthCheck.html",
)
def health_check_program(subject: Subject) -> Iterator[Hit]:
    """A container's health check calls a program that its image does not have.

    Why: The check fails, so ECS stops every task and the deployment rolls back.

    Fix: Install the program in the Dockerfile, or use a program of the image, such as `python -c`.
    """
    for variant, check in checks(subject):
        command = words(check.get("command")) or _DEFAULT_COMMAND
        dockerfile = subject.dockerfile(variant)
        if dockerfile is None or dockerfile.base is None:
            continue
        for program in lacking(dockerfile.base):
            needed = program == "sh" and command.startswith("CMD-SHELL")
            if (needed or _calls(command, program)) and not may_install(dockerfile, program):
                message = f"{program} is not in {dockerfile.base} ({dockerfile.path})"
                package = _PACKAGES.get(program)
                fix = f"The package `{package}` contains it." if package else ""
                yield variant.hit(("image", "healthcheck", "command"), message, fix)
                break


def _calls(command: str, program: str) -> bool:
    """Return whether a command runs a program, rather than names it to another one."""
    script = _QUOTED.sub("_", command)
    return re.search(rf"{_BEGINS}{_BEFORE}{program}(?=$|[\s;|&)`])", script) is not None
