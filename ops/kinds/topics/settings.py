"""The section `topics` of `copilot/ops.yml`."""

import re
from collections.abc import Mapping
from typing import Annotated, Literal, get_args

from pydantic import AfterValidator, Field, WithJsonSchema, model_validator

from ops.base.fields import Section

Severity = Literal["page", "warn", "info"]
SEVERITIES: tuple[Severity, ...] = get_args(Severity)
Email = Annotated[str, Field(pattern=r"^[^@\s/]+@[^@\s/]+$", max_length=320)]
_LONGEST = 2048
# RFC 3986 as far as it takes to tell the password from the rest: in a path, as Teams has it, `@` is
# a character like any other, and a password with a stroke leaves a port that is no number.
_HTTPS = re.compile(
    r"https://([^/?#@\s]*@)?([^/?#@:\[\s]+|\[[\da-fA-F:.]+\])(:\d+)?(/[^?#\s]*)?([?#]\S*)?"
)


def _https(url: str) -> str:
    """Checked here, because the message must not repeat a password."""
    if len(url) > _LONGEST or not _HTTPS.fullmatch(url):
        raise ValueError(
            f"must be `https://…` without blanks, {_LONGEST} characters at most; of `/ ? # @` in a "
            "user or password write the percent code, as `%40` for `@`"
        )
    return url


Https = Annotated[
    str,
    AfterValidator(_https),
    WithJsonSchema({"type": "string", "pattern": r"^https://\S+$", "maxLength": _LONGEST}),
]


class Topic(Section):
    """A topic that `ops` makes, with its subscriptions; or, with `arn`, one that is there."""

    email: tuple[Email, ...] = ()  # each confirms by a link in a mail
    https: tuple[Https, ...] = ()  # each confirms by itself
    arn: str | None = Field(
        None, pattern=r"^arn:[a-z0-9-]+:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]{1,256}$"
    )

    @model_validator(mode="after")
    def _check_whose(self) -> "Topic":
        if self.arn is not None and (self.email or self.https):
            raise ValueError("a topic with an `arn` is not ours: its subscriptions are not either")
        return self


class Settings(Section):
    """The topics of an environment, by the severity of the alarms that notify them."""

    page: Topic | None = None
    warn: Topic | None = None
    info: Topic | None = None
    # An IAM role of this account: the rules of `events` publish as it, and no other rule may.
    events_role: str | None = Field(None, pattern=r"^[A-Za-z0-9+=,.@_-]{1,64}$")

    @property
    def topics(self) -> Mapping[Severity, Topic]:
        """The declared topics."""
        every = {each: getattr(self, each) for each in SEVERITIES}
        return {severity: topic for severity, topic in every.items() if topic is not None}

    @property
    def given(self) -> tuple[str, ...]:
        """The ARNs of those that `ops` does not make."""
        return tuple(topic.arn for topic in self.topics.values() if topic.arn is not None)
