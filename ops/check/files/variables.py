"""Variables of manifests that the shell does not have. Pure."""

from collections.abc import Iterator

from ops.check.subject.model import APPLICATION_VARIABLE, ENVIRONMENT_VARIABLE, Subject
from ops.copilot.workspace.interpolation import interpolate
from ops.copilot.workspace.problems import Problem, WorkspaceError


def undefined(subject: Subject) -> Iterator[tuple[str, Problem]]:
    """Yield the name of every `${NAME}` without a value, with its place."""
    known = {**subject.shell, APPLICATION_VARIABLE: "", ENVIRONMENT_VARIABLE: ""}
    for source in (*subject.manifests, *subject.environments):
        try:
            interpolate(source.document, known)
        except WorkspaceError as error:
            for problem in error.problems:
                yield problem.message.partition("${")[2].partition("}")[0], problem
