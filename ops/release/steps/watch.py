"""A workload on its way to an image: wait until it can be changed, deploy, watch to the end."""

from dataclasses import dataclass, field

from ops.release.aws.live import Live
from ops.release.decisions.model import Image
from ops.release.decisions.verdict import (
    ROLLBACK_FAILED,
    Ended,
    Failed,
    Seen,
    Verdict,
    Waiting,
    judge,
    runs,
)
from ops.release.steps.deployer import Deployer, Deployment


@dataclass(frozen=True)
class Goal:
    """A workload and its new image. `force` deploys even if it runs already."""

    workload: str
    type: str
    image: Image
    force: bool = False


@dataclass
class Watch:
    """The progress of one workload to its goal."""

    goal: Goal
    live: Live
    deployer: Deployer
    verdict: Verdict = field(default_factory=lambda: Waiting("its turn"))
    deployment: Deployment | None = None
    _ended: Ended | None = None
    _is_continued: bool = False
    _has_changed: bool = False  # the stack, since the deployment began
    _tag_before: str | None = None

    @property
    def is_open(self) -> bool:
        """Return whether the outcome is still open."""
        return isinstance(self.verdict, Waiting)

    @property
    def has_news(self) -> bool:
        """Return whether the deploying command has ended since the last look."""
        return (
            self._ended is None
            and self.deployment is not None
            and self.deployment.ended() is not None
        )

    def step(self) -> None:
        """Check the workload once, and take the next step."""
        seen = self.live.look(self.goal.workload)
        if self.deployment is None:
            self.verdict = self._before(seen)
            return
        self._has_changed |= seen.is_changing
        # A look from before the end must not be judged by the end.
        self.verdict = judge(seen, self.goal.image, self._ended)
        if self._ended is None and (ended := self.deployment.ended()) is not None:
            self._end(ended)

    def _end(self, ended: Ended) -> None:
        """Take the end of the deploying command; once it has changed the stack, the stack decides.

        The Copilot CLI waits 90 minutes for a stack, and ends as if it had failed.
        """
        seen = self.live.look(self.goal.workload)
        goes_on = seen.is_changing
        has_changed = goes_on or self._has_changed or seen.tag != self._tag_before
        self._ended = Ended(0, ended.words) if has_changed else ended
        self.verdict = judge(seen, self.goal.image, self._ended)
        if goes_on and ended.code != 0:
            self.verdict = Waiting("the stack: the command that deploys it stopped waiting")

    def _before(self, seen: Seen) -> Verdict:
        """Deploy, unless the stack is being changed, or the image runs or is being deployed."""
        if seen.is_changing:
            return Waiting("another update of its stack to end")
        if seen.stack == ROLLBACK_FAILED:
            if self._is_continued:
                return Failed(
                    f"the stack is {seen.stack}, and continuing its rollback failed, too: continue "
                    "it in CloudFormation without the resources that fail"
                )
            self._is_continued = True
            self.live.continue_rollback(self.goal.workload)
            return Waiting("the failed rollback of its stack to continue")
        verdict = runs(seen, self.goal.image)
        is_there = seen.tag == self.goal.image.tag and not isinstance(verdict, Failed)
        if is_there and not self.goal.force:
            return verdict
        self._tag_before = seen.tag
        self.deployment = self.deployer.start(
            self.goal.workload, self.goal.type, self.goal.image.tag
        )
        return Waiting("the deployment to begin")

    def is_at_rest(self) -> bool:
        """Return whether nothing changes the workload any more."""
        tool = self.deployment is None or self.deployment.ended() is not None
        return tool and not self.live.look(self.goal.workload).is_changing

    def fail(self, why: str) -> None:
        """Mark the workload as failed, with the reason."""
        self.verdict = Failed(why)
