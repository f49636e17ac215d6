"""Running the rules over a workspace."""

from dataclasses import dataclass
from pathlib import Path

from ops.check.finding import Finding, Severity
from ops.check.ignores import Ignore, read_ignores, silence
from ops.check.reading import read_text
from ops.check.registry import Needs, rules
from ops.check.subject import Subject


@dataclass(frozen=True)
class Report:
    """What a check came to. `silenced` counts the findings that comments let stand."""

    findings: tuple[Finding, ...]
    silenced: int
    rules: int
    files: int

    def count(self, severity: Severity) -> int:
        """How many findings there are of a severity."""
        return sum(each.severity is severity for each in self.findings)

    def fails(self, *, strict: bool) -> bool:
        """Whether the check ends with exit code 1."""
        return self.count(Severity.ERROR) > 0 or (strict and bool(self.findings))


def check(subject: Subject) -> Report:
    """Run every rule for which the subject has what it needs."""
    every = rules()
    has = {
        Needs.NOTHING: True,
        Needs.AWS: subject.live is not None,
        Needs.COPILOT: subject.packaged is not None,
    }
    ran = [each for each in every if has[each.needs]]
    found = [finding for each in ran for finding in each.findings(subject)]
    files = files_of(subject)
    left, silenced = silence(
        found,
        [ignore for path in _commented(files, found) for ignore in _ignores(subject.root, path)],
        known={each.id for each in every},
        ran={each.id for each in ran},
    )
    ordered = tuple(sorted(left, key=lambda each: each.order))
    return Report(ordered, silenced, len(ran), len(files))


def files_of(subject: Subject) -> list[Path]:
    """The files that were read, each once."""
    sources = (*subject.manifests, *subject.environments, *subject.pipelines, *subject.addons)
    own = [Path("copilot/ops.yml")]
    own += [Path("copilot") / each.name / "ops.yml" for each in subject.manifests]
    paths = {each.path for each in sources}
    paths |= {each.path for each in subject.dockerfiles.values()}
    paths |= {path for path in own if (subject.root / path).is_file()}
    paths |= {problem.path for problem in subject.unreadable}
    return sorted(paths)


def _commented(files: list[Path], findings: list[Finding]) -> list[Path]:
    """Return the files whose comments count: also those that only a rule has read."""
    return sorted({*files, *(each.path for each in findings)})


def _ignores(root: Path, path: Path) -> list[Ignore]:
    return read_ignores(read_text(root / path) or "", path)
