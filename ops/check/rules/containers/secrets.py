"""Secrets that containers receive as variables."""

from collections.abc import Iterator

from ops.check.aws.references import names_in_secrets_manager
from ops.check.finding import Hit, Severity
from ops.check.registry import rule
from ops.check.subject.model import Subject
from ops.copilot.secret_names import is_ambiguous


@rule(
    Severity.ERROR,
    "https://docs.aws.amazon.com/secretsmanager/latest/userguide/troubleshoot.html#ARN_secretnamehyphen",
)
def secret_name_like_an_arn(subject: Subject) -> Iterator[Hit]:
    """The name of a secret ends in a hyphen and six characters.

    Why: AWS takes them for the end of a complete ARN and does not find the secret, so no task
    starts.

    Fix: Rename the secret, or write its name with the six random characters of its ARN:
    `secretsmanager: db-secret-Yi6mvL`.
    """
    for variant, at, name in names_in_secrets_manager(subject):
        if is_ambiguous(name):
            yield variant.hit(at, f"AWS reads `{name[-7:]}` as the end of an ARN")
