"""The section `images` of `copilot/ops.yml`."""

from pydantic import Field, RootModel

from ops.fields import Count, Section, Switch


class Repository(Section):
    """One ECR repository."""

    keep: Count = Field(ge=1)  # images; older ones expire
    scan_on_push: Switch = True
    immutable_tags: Switch = True


class Settings(RootModel[dict[str, Repository]]):
    """The repositories of the application, by their names."""
