"""The preparation of a release: the plan from files and AWS, and the conductor for it."""

import os
import platform
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from ops.aws.client import IDENTITY, Aws, side_by_side
from ops.base import clock
from ops.base.errors import OpsError
from ops.copilot.workspace import Release, Workspace
from ops.release import source
from ops.release.aws.alarms import Alarms
from ops.release.aws.images import Images
from ops.release.aws.journal import Current, Entry, Journal
from ops.release.aws.live import Live
from ops.release.aws.reasons import Reasons
from ops.release.decisions import variables
from ops.release.decisions.model import Image, Plan, Version
from ops.release.decisions.plan import Facts, make_plan, workloads
from ops.release.decisions.record import (
    Part,
    Record,
    continuing,
    good_before,
    inheriting,
    new_record,
)
from ops.release.decisions.takeover import Beginning, Continue, FinishWayBack, Fresh, beginning
from ops.release.steps.conductor import Choice, Conductor, Settings, Tools
from ops.release.steps.deployer import CopilotDeployer
from ops.release.steps.smoke import smoke
from ops.release.steps.sync import sync

# Who works in a pipeline: its role is the same for everybody.
_PEOPLE = ("GITHUB_ACTOR", "GITLAB_USER_LOGIN", "BITBUCKET_STEP_TRIGGERER_UUID")


@dataclass(frozen=True)
class Hands:
    """The output and the question of a release."""

    tell: Callable[[str], None]
    asked: Callable[[], Choice | None]


@dataclass(frozen=True)
class Preparation:
    """The data that a release of an environment reads before it writes."""

    workspace: Workspace
    environment: str
    settings: Release
    aws: Aws
    repository: str
    open_files: ExitStack = field(default_factory=ExitStack)

    @cached_property
    def images(self) -> Images:
        """Return the released repository. Raise OpsError if it does not exist."""
        return Images(self.aws, self.repository)

    @cached_property
    def live(self) -> Live:
        """Return the reader of the running workloads."""
        place = self.workspace.application, self.environment
        return Live(self.aws, *place, self.images.uri)

    @cached_property
    def journal(self) -> Journal:
        """Return the releases so far."""
        return Journal(self.aws, self.workspace.application, self.environment)

    @cached_property
    def entries(self) -> list[Entry]:
        """Return the releases of the first reading, the newest first."""
        return self.journal.entries()

    @cached_property
    def running(self) -> Mapping[str, Version | None]:
        """Return the running version of each workload."""
        names = [workload.name for workload in workloads(self.workspace)]
        return dict(zip(names, side_by_side(self.live.version, names), strict=True))

    def begin(self) -> Beginning:
        """Return how a release would begin. Raise OpsError if another is in progress."""
        latest = next(iter(self.entries), None)
        return Fresh() if latest is None else beginning(latest.record, latest.signs)

    def plan(self, image: Image, *, is_rollback: bool = False, redeploy: bool = False) -> Plan:
        """Return the plan that brings every workload to one image."""
        names = [workload.name for workload in workloads(self.workspace)]
        images = dict.fromkeys(names, image)
        return self._plan(images, is_rollback=is_rollback, redeploy=redeploy)

    def plan_back(self) -> Plan:
        """Return the plan that undoes the last release. Raise OpsError if there is no
        earlier one.
        """
        running = self.running.items()
        current = {name: version.tag if version else None for name, version in running}
        records = [entry.record for entry in self.entries]
        latest = next(iter(records), None)
        good = latest if latest and latest.is_open else good_before(records, current)
        parts: Iterable[Part] = good.parts if good else ()
        tags = {part.workload: part.before for part in parts if part.before}
        if not tags:
            raise OpsError(
                f"No record says what ran in {self.environment} before the current versions",
                "Pass the tag to go back to with --to. `ops images list` lists the tags.",
            )
        images = {tag: self.images.require(tag) for tag in {*tags.values()}}
        return self._plan({name: images[tag] for name, tag in tags.items()}, is_rollback=True)

    def _plan(
        self, images: Mapping[str, Image], *, is_rollback: bool, redeploy: bool = False
    ) -> Plan:
        before = [version.tag for version in self.running.values() if version]
        after = next(iter(images.values())).tag
        return make_plan(
            Facts(
                self.workspace,
                self.environment,
                self.settings,
                images,
                self.running,
                source.between(self.workspace.root, before, after, self.settings.migrations),
                is_rollback,
                redeploy,
                {e.record.tag: e.record.by for e in reversed(self.entries)},
            )
        )

    def record(self, plan: Plan, start: Beginning) -> Record:
        """Return the first record of a plan; a version that is not in ECR cannot be restored."""
        latest = next(iter(self.entries), None)
        number = latest.record.number + 1 if latest else 1
        record = new_record(plan, number, self._author(), platform.node(), os.getpid(), clock.now())
        if isinstance(start, FinishWayBack):
            record = continuing(record, start.dead)
        if isinstance(start, Continue) and not plan.is_rollback:
            record = inheriting(record, start.dead)
        tags = {part.before for part in record.parts if part.before}
        known = {tag for tag in tags if self.images.find(tag)}
        parts = (p if p.before in known else replace(p, before=None) for p in record.parts)
        return replace(record, parts=tuple(parts))

    def conductor(
        self, record: Record, settings: Settings, hands: Hands, *, is_synced: bool = True
    ) -> Conductor:
        """Create the record in AWS, and return the conductor of its release."""
        tags = {tag for part in record.parts for tag in (part.before, part.after) if tag}
        self.journal.begin(record)
        return Conductor(
            Current(record, self.journal),
            {workload.name: workload.type for workload in self.workspace.services},
            {tag: self.images.require(tag) for tag in tags},
            settings,
            self._tools(record, hands, is_synced=is_synced),
        )

    def _tools(self, record: Record, hands: Hands, *, is_synced: bool) -> Tools:
        place = self.workspace.application, self.environment
        verify, deadline = self.settings.verify, self.settings.deadline
        shell = variables.for_process(os.environ, self.values(record.tag))
        shell |= {"OPS_ENV": self.environment, "OPS_RELEASE_TAG": record.tag}
        root = self.workspace.root
        return Tools(
            self.live,
            Reasons(self.aws, *place),
            Alarms(self.aws, *place),
            CopilotDeployer(*place, self._files(record, hands), self.values),
            (lambda: sync(self.workspace, self.environment, self.aws)) if is_synced else str,
            (lambda: smoke(verify, root, shell, deadline)) if verify else None,
            hands.tell,
            hands.asked,
        )

    def values(self, tag: str) -> dict[str, str]:
        """Return the values of `${…}` in the manifests, for a tag."""
        return variables.values(self.settings, self.images.uri, tag)

    def _files(self, record: Record, hands: Hands) -> Callable[[str], Path]:
        """Return a function that finds the files for a tag: the working tree for a new tag, else
        the manifests of the tag's commit.

        A new tag is deployed with the working tree, an earlier one with its own manifests.
        """
        new = set() if record.is_rollback else {part.after for part in record.parts}
        folders = dict.fromkeys(new, self.workspace.root)

        def files(tag: str) -> Path:
            if tag not in folders:
                path = self.open_files.enter_context(source.files_of(self.workspace.root, tag))
                if path is None:
                    hands.tell(f"  git does not know {tag}: deploying it with the files here")
                folders[tag] = path or self.workspace.root
            return folders[tag]

        return files

    def _author(self) -> str:
        """Return who releases: the person behind a pipeline, else the end of the role's ARN."""
        people = (os.environ[name] for name in _PEOPLE if os.environ.get(name))
        arn = str(self.aws.client(IDENTITY).get_caller_identity()["Arn"])
        return next(people, arn.rsplit("/", 1)[-1])


def prepare(workspace: Workspace, environment: str | None, aws: Aws) -> Preparation:
    """Read the files. Raise OpsError for a mistake in them, before AWS is asked."""
    name = workspace.require_environment(environment)
    settings = workspace.settings(name)
    variables.check(workspace, settings.release)
    declared = getattr(workspace.settings(), "images", None)
    names = list(declared.root) if declared else []
    repository = settings.release.repository or (names[0] if len(names) == 1 else None)
    if repository is None:
        raise OpsError(
            "copilot/ops.yml does not say which repository `ops release` deploys from",
            "Set `release: repository:`.",
        )
    return Preparation(workspace, name, settings.release, aws, repository)


def is_continued(start: Beginning, plan: Plan) -> bool:
    """Return whether an interrupted release must be finished although nothing differs."""
    return isinstance(start, Continue) and start.dead.tag == plan.tag
