"""The section `images` of `copilot/ops.yml`."""

from pydantic import Field, RootModel, model_validator

from ops.fields import Count, Section, Switch


class Repository(Section):
    """One ECR repository."""

    keep: Count = Field(ge=1)  # images; older ones expire
    adopt: Switch = False  # `copilot svc init` made it: ops sets its policy, and never removes it
    scan_on_push: Switch = True
    immutable_tags: Switch | None = None  # on, but in an adopted one left as it is

    @model_validator(mode="after")
    def _leave_copilot_its_tags(self) -> "Repository":
        # https://github.com/aws/copilot-cli/issues/4517: `latest` is always pushed
        if self.adopt and self.immutable_tags:
            raise ValueError(
                "cannot have `immutable_tags: true` with `adopt`: "
                "each `copilot svc deploy` moves the tag `latest`"
            )
        return self


class Settings(RootModel[dict[str, Repository]]):
    """The repositories of the application, by their names."""
