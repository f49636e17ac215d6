"""Files that are not what they seem: unreadable, misnamed, never read."""

from collections.abc import Callable, Iterator
from functools import partial

from ops.check.files.ops_files import environments_of, overridden
from ops.check.files.variables import undefined
from ops.check.finding import Hit, Severity
from ops.check.registry import rule
from ops.check.subject.model import Environment, Manifest, Subject
from ops.check.subject.plain import dig, mapping
from ops.copilot.workload import TYPES
from ops.copilot.workspace.environments import is_slip_of
from ops.copilot.workspace.problems import Problem, WorkspaceError, did_you_mean

# Where no file names an environment, an `ops.yml` is read for one of this name.
_ANY = "test"

_MANIFESTS = "https://aws.github.io/copilot-cli/docs/manifest/overview/"


def _hit(problem: Problem) -> Hit:
    message = f"{problem.field}: {problem.message}" if problem.field else problem.message
    return Hit(problem.path, problem.line, message)


@rule(Severity.ERROR, "https://yaml.org/spec/1.2.2/")
def unreadable_file(subject: Subject) -> Iterator[Hit]:
    """A file is not YAML, is not a mapping, or has a duplicate field.

    Why: Nothing else in the file was checked.

    Fix: Correct the file at that line.
    """
    yield from map(_hit, subject.unreadable)


@rule(Severity.ERROR, "https://yaml.org/spec/1.2.2/#91-documents")
def second_document(subject: Subject) -> Iterator[Hit]:
    """A file has a second YAML document, after a line of `---`.

    Why: Copilot reads only the first.

    Fix: Move it into the first, or into a file of its own.
    """
    for source in (*subject.manifests, *subject.environments, *subject.pipelines, *subject.addons):
        if source.document.unread is not None:
            yield Hit(source.path, source.document.unread, "a second document begins here")


@rule(Severity.ERROR, _MANIFESTS)
def workload_type(subject: Subject) -> Iterator[Hit]:
    """A manifest has no type, or one that Copilot does not know.

    Why: Copilot answers that the service does not exist in the workspace.

    Fix: Give `type` one of Copilot's workload types, in its exact words.
    """
    for manifest in subject.manifests:
        if manifest.type not in TYPES:
            written_type = f"`{manifest.type}`" if manifest.type else "nothing"
            message = f"the type is {written_type}; {did_you_mean(manifest.type, TYPES)}"
            yield manifest.hit(("type",), message)


@rule(Severity.ERROR, "https://aws.github.io/copilot-cli/docs/manifest/environment/")
def environment_type(subject: Subject) -> Iterator[Hit]:
    """An environment's manifest does not say `type: Environment`.

    Why: Copilot refuses the manifest.

    Fix: Write `type: Environment`.
    """
    for environment in subject.environments:
        written = dig(environment.data, "type")
        if written != "Environment":
            yield environment.hit(("type",), f"the type is `{written}`, not `Environment`")


@rule(Severity.ERROR, _MANIFESTS)
def name_differs_from_folder(subject: Subject) -> Iterator[Hit]:
    """A manifest's name differs from its folder's.

    Why: Copilot refuses the manifest: it finds a workload by its folder.

    Fix: Rename the folder or the `name`.
    """
    named: tuple[Manifest | Environment, ...] = (*subject.manifests, *subject.environments)
    for source in named:
        written = dig(source.data, "name")
        if written != source.name and "$" not in str(written):
            problem = "there is no name" if written is None else f"the name is `{written}`"
            yield source.hit(("name",), f"{problem}, and the folder `{source.name}`")


@rule(Severity.WARNING, "https://aws.github.io/copilot-cli/docs/manifest/overview/")
def unknown_environment(subject: Subject) -> Iterator[Hit]:
    """An override is for an environment that is probably misspelt.

    Why: Copilot and `ops` silently ignore it. In a manifest only names similar to an environment's
    are reported.

    Fix: Correct the name, or add `copilot/environments/<name>/manifest.yml`.
    """
    known = [environment.name for environment in subject.environments]
    for manifest in subject.manifests if known else ():
        for name in mapping(dig(manifest.data, "environments")):
            if is_slip_of(name, known):
                yield manifest.hit(("environments", name), _unknown(name, known))
    for document, name in overridden(subject) if known else ():
        # A name in a manifest is reported there; a typing error is reported by `ops-file`.
        heard_of = (*subject.workspace.environments, subject.only)
        is_reported = name in heard_of or subject.workspace.mistaken(name)
        if not is_reported and name not in known:
            line = document.problem(("environments", name), "").line
            yield Hit(document.path, line, _unknown(name, known))


def _unknown(name: str, known: list[str]) -> str:
    return f"no environment `{name}` here; {did_you_mean(name, known)}"


@rule(Severity.WARNING, _MANIFESTS)
def file_never_read(subject: Subject) -> Iterator[Hit]:
    """A file ends in `.yaml` where only `.yml` is read.

    Why: Copilot and `ops` do not read it.

    Fix: Rename it.
    """
    for path in subject.unread:
        yield Hit(path, 1, f"`{path.name}` is not read; rename it to `{path.stem}.yml`")


@rule(Severity.WARNING, "https://aws.github.io/copilot-cli/docs/developing/manifest-env-var/")
def missing_variable(subject: Subject) -> Iterator[Hit]:
    r"""A manifest uses `${NAME}`, which this shell does not have.

    Why: Copilot refuses the manifest, perhaps after it has deployed other services.

    Fix: Export the variable, or write `\${NAME}` for the text itself.
    """
    for name, problem in undefined(subject):
        yield Hit(problem.path, problem.line, f"${{{name}}} is not set in this shell")


@rule(Severity.ERROR, "docs/reference/ops-yml.md")
def ops_file(subject: Subject) -> Iterator[Hit]:
    """`ops` cannot read an `ops.yml`.

    Why: Every other command of `ops` fails.

    Fix: Correct the field at that line.
    """
    workspace = subject.workspace
    for environment in environments_of(subject) or [_ANY]:
        readers: list[Callable[[], object]] = [partial(workspace.settings, environment)]
        readers += [
            partial(workspace.service_settings, service.name, environment)
            for service in workspace.services
        ]
        for read in readers:
            try:
                read()
            except WorkspaceError as error:
                yield from map(_hit, error.problems)
