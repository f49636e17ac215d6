"""Copilot's own Lambda functions: their runtime's end, and the patches that change it."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date

from ops.check.edits import AddPatches, FileEdit, Patch, ReplaceInLine
from ops.check.ends.dated_ends import End, dated_ends
from ops.check.ends.functions import (
    OF_ENVIRONMENTS,
    OF_WORKLOADS,
    RUNTIME,
    Function,
    of_environment,
    of_workload,
)
from ops.check.files.patches import ENVIRONMENTS, Operation, Overrides, overrides_of
from ops.check.finding import Hit, Severity
from ops.check.registry import rule
from ops.check.subject.model import Environment, Subject, Variant

_RUNTIMES = "https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html"
_PATCHES = "https://aws.github.io/copilot-cli/docs/developing/overrides/yamlpatch/"
_COMMENT = (
    f"Copilot renders its Lambda functions with {RUNTIME}, which AWS Lambda ends. "
    "Rule lambda-runtime of `ops check`."
)

_UNCERTAIN = (
    "No YAML patch is certain to fit: the function must be rendered in every environment. A fixed "
    "`count` can be a `range` of one, such as `1-1`. Or use a CDK override, which can ask which "
    "environment it is in."
)

# A file that renders functions in one environment; its stacks share a file of patches.
Rendering = tuple[Variant | Environment, list[Function]]


@rule(Severity.WARNING, _RUNTIMES)
def lambda_runtime(subject: Subject) -> Iterator[Hit]:
    """A Lambda function that Copilot renders has a runtime that AWS Lambda will end.

    Why: From the first date on no new environment or service deploys, and this is an error; from
    the second Lambda updates no such function. Copilot 1.34.1 is the last release.

    Fix: Run `ops check --fix`, which writes patches to `overrides/cfn.patches.yml`. Deploy
    environments and workloads before that date.
    """
    for overrides, renderings, _ in _stacks(subject):
        everywhere = _rendered_everywhere(renderings)
        for source, functions in renderings:
            if _is_looked_at(subject, source):
                yield from _ending(subject.today, source, functions, overrides, everywhere)


@rule(Severity.ERROR, _PATCHES)
def patch_of_absent_function(subject: Subject) -> Iterator[Hit]:
    """A patch changes a Lambda function that Copilot does not render.

    Why: Copilot refuses the patch, and all environments share it.

    Fix: Remove the patch, make Copilot render the function everywhere (the `range` `1-1` is a fixed
    `count`), or use a CDK override.
    """
    for overrides, renderings, known in _stacks(subject):
        for name, operation in overrides.resources():
            absent = [
                source
                for source, functions in renderings
                if name not in {function.name for function in functions}
                and _is_looked_at(subject, source)
            ]
            if name in known and absent and not _is_own(overrides, name):
                where = ", ".join(
                    sorted({word for source in absent for word in _environments(source)})
                )
                suffix = f" in {where}" if where else ""
                yield Hit(overrides.path, operation.line, f"{name} is not rendered{suffix}")


def _is_own(overrides: Overrides, name: str) -> bool:
    """Return whether the patches themselves add the resource."""
    return any(operation.path == f"/Resources/{name}" for operation in overrides.operations)


def _stacks(subject: Subject) -> Iterator[tuple[Overrides, Sequence[Rendering], frozenset[str]]]:
    """Yield each file of patches with all that is rendered through it, in every environment."""
    shared = [(environment, of_environment(environment)) for environment in subject.environments]
    yield overrides_of(subject, ENVIRONMENTS), shared, OF_ENVIRONMENTS
    for manifest in subject.manifests:
        alike = subject.alike(manifest)
        names = [*([None] if alike else []), *manifest.overridden]
        variants = [manifest.variant(name, alike) for name in names]
        rendered = [(variant, of_workload(variant)) for variant in variants]
        yield overrides_of(subject, manifest.name), rendered, OF_WORKLOADS


def _is_looked_at(subject: Subject, source: Variant | Environment) -> bool:
    return subject.only is None or subject.only in _environments(source)


def _environments(source: Variant | Environment) -> set[str]:
    names = {source.name} if isinstance(source, Environment) else source.environments
    return {name for name in names if name}


def _rendered_everywhere(renderings: Sequence[Rendering]) -> set[str]:
    """Return the functions that a patch fits in every environment."""
    names = [
        {function.name for function in functions if function.certain} for _, functions in renderings
    ]
    return set.intersection(*names) if names else set()


def _ending(
    today: date,
    source: Variant | Environment,
    functions: Iterable[Function],
    overrides: Overrides,
    everywhere: set[str],
) -> Iterator[Hit]:
    """Yield a hit for each place of a manifest whose functions end, and for each old patch."""
    end = dated_ends().runtimes[RUNTIME]
    severity = end.severity(today)
    places: dict[tuple[tuple[str, ...], bool], list[str]] = {}
    for function in functions:
        patch = overrides.setting(f"/Resources/{function.name}/Properties/Runtime")
        if patch is not None:
            yield from _patched(today, function.name, overrides, patch)
        elif severity and not _is_programmed(overrides.program, function.name):
            fits = function.name in everywhere
            places.setdefault((function.at, fits), []).append(function.name)
    for (at, fits), names in places.items():
        message = f"{_listed(names)} {'has' if len(names) == 1 else 'have'} {RUNTIME}: {_days(end)}"
        edits = tuple(_patch(overrides, name, end) for name in names) if fits else ()
        fix = "" if fits else _UNCERTAIN
        if overrides.program is not None:
            edits, fix = (), _in_program(overrides, names, end)
        yield replace(source.hit(at, message, fix), severity=severity, edits=edits)


def _patched(today: date, name: str, overrides: Overrides, patch: Operation) -> Iterator[Hit]:
    """Yield a hit where a patch sets a runtime that ends too."""
    end = dated_ends().runtimes.get(str(patch.value))
    severity = end.severity(today) if end else None
    if end and severity:
        message = f"{name} is patched to {patch.value}: {_days(end)}"
        edit = ReplaceInLine(patch.line, str(patch.value), end.successor)
        edits = (FileEdit(overrides.path, edit),)
        yield Hit(overrides.path, patch.line, message, severity=severity, edits=edits)


def _patch(overrides: Overrides, name: str, end: End) -> FileEdit:
    patch = Patch("replace", f"/Resources/{name}/Properties/Runtime", end.successor)
    return FileEdit(overrides.path, AddPatches(_COMMENT, (patch,)))


def _is_programmed(program: str | None, name: str) -> bool:
    """Return whether a CDK program seems to set the runtime of a function, or of all of them."""
    if program is None or not re.search(r"runtime", program, re.IGNORECASE):
        return False
    return name in program or "CfnFunction" in program or "AWS::Lambda::Function" in program


def _in_program(overrides: Overrides, names: Sequence[str], end: End) -> str:
    """Return what to write into a CDK override, which only its authors can change."""
    calls = " ".join(
        f'this.template.getResource("{name}").addPropertyOverride("Runtime", "{end.successor}");'
        for name in names
    )
    return f"Add to {(overrides.path.parent / 'stack.ts').as_posix()}: {calls}"


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _days(end: End) -> str:
    return f"Lambda stops creating it on {end.create} and updating it on {end.update}"
