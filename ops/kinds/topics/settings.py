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
# RFC 3986 as far as it takes to find the password. A path may contain `@` (Teams has such). A
# password with a slash leaves a port that is not a number.
_HTTPS = re.compile(
    r"https://([^/?#@\s]*@)?([^/?#@:\[\s]+|\[[\da-fA-F:.]+\])(:\d+)?(/[^?#\s]*)?([?#]\S*)?"
)


def _https(url: str) -> str:
    """Check a URL here, because pydantic's message would repeat a password."""
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
    """A topic that `ops` creates, or with `arn` an existing one."""

    email: tuple[Email, ...] = ()  # confirmed by a link in a mail
    https: tuple[Https, ...] = ()  # the endpoint must confirm
    arn: str | None = Field(
        None, pattern=r"^arn:[a-z0-9-]+:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]{1,256}$"
    )

    @model_validator(mode="after")
    def _check_owner(self) -> "Topic":
        if self.arn is not None and (self.email or self.https):
            raise ValueError("has an `arn`, so ops manages neither the topic nor its subscriptions")
        return self


class Settings(Section):
    """The topics of an environment, by the severity of the alarms that notify them."""

    page: Topic | None = None
    warn: Topic | None = None
    info: Topic | None = None
    # An IAM role as which the rules of `events` publish; no other rule may.
    events_role: str | None = Field(None, pattern=r"^[A-Za-z0-9+=,.@_-]{1,64}$")

    @property
    def topics(self) -> Mapping[Severity, Topic]:
        """Return the declared topics."""
        every = {severity: getattr(self, severity) for severity in SEVERITIES}
        return {severity: topic for severity, topic in every.items() if topic is not None}

    @property
    def given(self) -> tuple[str, ...]:
        """Return the ARNs of existing topics, which `ops` does not create."""
        return tuple(topic.arn for topic in self.topics.values() if topic.arn is not None)
