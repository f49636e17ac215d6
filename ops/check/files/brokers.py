"""The broker of a service's Celery, as far as its files show it."""

import re

from ops.check.files.ops_files import declared
from ops.check.manifest.tasks import command
from ops.check.subject.model import Subject, Variant
from ops.check.subject.plain import dig

_SPEAKS_OF_SQS = re.compile(r"\bsqs\b", re.IGNORECASE)
_OTHER_BROKER = re.compile(r"\b(?:rediss?|(?:py)?amqps?)://", re.IGNORECASE)


def on_sqs(subject: Subject, variant: Variant) -> bool:
    """Return whether a service's Celery uses SQS as its broker, as far as the files show it.

    The broker's address counts first, then the queue in its `ops.yml`, then a queue of its own
    addons, which may be for other messages.
    """
    text = f"{dig(variant.data, 'variables')} {command(subject, variant)}"
    if "sqs://" in text:
        return True
    if any(
        settings.queue
        for other, settings in declared(subject)
        if other.workload == variant.workload
    ):
        return True
    own = [addon.data for addon in subject.addons if addon.workload == variant.workload]
    speaks = _SPEAKS_OF_SQS.search(str([variant.data, *own])) is not None
    return speaks and not _OTHER_BROKER.search(text)
