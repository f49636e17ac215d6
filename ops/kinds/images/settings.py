"""The section `images` of `copilot/ops.yml`."""

import re
from typing import Annotated

from pydantic import AfterValidator, Field, RootModel, WithJsonSchema, model_validator

from ops.base.fields import Count, Section, Switch

# https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreateRepository.html
_PART = r"[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*"
_NAME = rf"^{_PART}(/{_PART})*$"
_SHORTEST, _LONGEST = 2, 256


def _check_name(name: str) -> str:
    if not _SHORTEST <= len(name) <= _LONGEST or not re.fullmatch(_NAME, name):
        raise ValueError(
            f"no ECR repository can have this name: {_SHORTEST} to {_LONGEST} of a-z and 0-9, with "
            "`.`, `_`, `-` or `/` between them"
        )
    return name


_Name = Annotated[
    str,
    AfterValidator(_check_name),
    WithJsonSchema(
        {"type": "string", "minLength": _SHORTEST, "maxLength": _LONGEST, "pattern": _NAME}
    ),
]


class Repository(Section):
    """One ECR repository."""

    keep: Count = Field(ge=1)  # images; older ones expire
    adopt: Switch = False  # Copilot made it: ops sets only its policy and scanning
    scan_on_push: Switch = True
    immutable_tags: Switch | None = None  # true by default, unless adopted

    @model_validator(mode="after")
    def _leave_copilot_its_tags(self) -> "Repository":
        # https://github.com/aws/copilot-cli/issues/4517: `latest` is always pushed
        if self.adopt and self.immutable_tags:
            raise ValueError(
                "cannot have `immutable_tags: true` with `adopt`: "
                "each `copilot svc deploy` moves the tag `latest`"
            )
        return self


class Settings(RootModel[dict[_Name, Repository]]):
    """The repositories of the application, by their names."""
