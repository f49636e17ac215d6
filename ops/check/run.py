"""One run of the rules over a workspace."""

from dataclasses import dataclass
from pathlib import Path

from ops.check.files.reading import read_text
from ops.check.finding import Finding, Severity
from ops.check.ignores import Ignore, read_ignores, without_ignored
from ops.check.registry import Needs, rules
from ops.check.subject.model import Subject


@dataclass(frozen=True)
class Report:
    """The result of a check. `ignored` counts the findings that comments accept."""

    findings: tuple[Finding, ...]
    ignored: int
    rules: int
    files: int

    def count(self, severity: Severity) -> int:
        """Return the number of findings of a severity."""
        return sum(finding.severity is severity for finding in self.findings)

    def fails(self, *, strict: bool) -> bool:
        """Return whether the check ends with exit code 1."""
        return self.count(Severity.ERROR) > 0 or (strict and bool(self.findings))


def check(subject: Subject) -> Report:
    """Run every rule whose input the subject has."""
    every = rules()
    has = {
        Needs.NOTHING: True,
        Needs.AWS: subject.live is not None,
        Needs.COPILOT: subject.packaged is not None,
    }
    ran = [rule for rule in every if has[rule.needs]]
    elsewhere = _other_environments(subject)
    findings = [
        finding
        for rule in ran
        for finding in rule.findings(subject)
        if finding.path not in elsewhere
    ]
    files = files_of(subject)
    left, ignored = without_ignored(
        findings,
        [ignore for path in _commented(files, findings) for ignore in _ignores(subject.root, path)],
        known={rule.id for rule in every},
        ran={rule.id for rule in ran},
    )
    ordered = tuple(sorted(left, key=lambda finding: finding.order))
    return Report(ordered, ignored, len(ran), len(files))


def _other_environments(subject: Subject) -> set[Path]:
    """Return the manifests of environments that the user did not ask about."""
    if subject.only is None:
        return set()
    manifests = subject.root.glob("copilot/environments/*/manifest.yml")
    paths = (path.relative_to(subject.root) for path in manifests)
    return {path for path in paths if path.parent.name != subject.only}


def files_of(subject: Subject) -> list[Path]:
    """Return the files that were read, each once."""
    sources = (*subject.manifests, *subject.environments, *subject.pipelines, *subject.addons)
    own = [Path("copilot/ops.yml")]
    own += [Path("copilot") / manifest.name / "ops.yml" for manifest in subject.manifests]
    paths = {source.path for source in sources}
    paths |= {value.path for value in subject.dockerfiles.values()}
    paths |= {path for path in own if (subject.root / path).is_file()}
    paths |= {problem.path for problem in subject.unreadable}
    return sorted(paths)


def _commented(files: list[Path], findings: list[Finding]) -> list[Path]:
    """Return the files whose comments count, including those that only a rule has read."""
    return sorted({*files, *(finding.path for finding in findings)})


def _ignores(root: Path, path: Path) -> list[Ignore]:
    return read_ignores(read_text(root / path) or "", path)
