"""The names of Secrets Manager secrets inside ARNs.

An ARN of a secret ends in its name, a hyphen and six random characters. An ARN without the last
seven characters is a partial one, which is what Copilot renders from `secretsmanager: NAME`. AWS
tells the two apart by the text alone: where a name itself ends in a hyphen and six characters, AWS
reads its partial ARN as a complete one, and does not find the secret.

https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html (`Name`)
https://docs.aws.amazon.com/secretsmanager/latest/userguide/troubleshoot.html#ARN_secretnamehyphen
https://github.com/aws/copilot-cli/issues/5732 and https://github.com/aws/copilot-cli/pull/5759
https://github.com/awslabs/landing-zone-accelerator-on-aws/issues/1103
"""

import re
from typing import NamedTuple

_COMPLETE = re.compile(r"(?P<name>.+)-(?P<suffix>[A-Za-z0-9]{6})", re.ASCII)
# `secret`, `SECRET`, `Secret`, `prod01`, `202611`. One random suffix in about 75 looks like this.
_WORD = re.compile(r"[a-z]*[0-9]*|[A-Z]*[0-9]*|[A-Z][a-z]*", re.ASCII)


class Parts(NamedTuple):
    """A name and the six characters after its last hyphen."""

    name: str
    suffix: str


def complete(text: str) -> Parts | None:
    """Split a name that AWS reads as the end of a complete ARN; return None for any other name."""
    match = _COMPLETE.fullmatch(text)
    return Parts(match["name"], match["suffix"]) if match else None


def is_ambiguous(name: str) -> bool:
    """Return whether a name ends in a hyphen and a word of six characters.

    Copilot also takes a name with the random characters of its ARN, `db-Yi6mvL`, so a name that
    ends in six characters which are no word is not a mistake.
    """
    parts = complete(name)
    return parts is not None and _WORD.fullmatch(parts.suffix) is not None
