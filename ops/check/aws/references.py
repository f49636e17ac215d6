"""References of manifests and `ops.yml` files to AWS: `remote.py` reads them, rules judge them."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial

from ops.check.files.ops_files import declared
from ops.check.finding import Hit
from ops.check.subject.live import Stored
from ops.check.subject.model import Subject, Variant
from ops.check.subject.plain import dig, mapping
from ops.copilot.workload import APP_RUNNER, FARGATE, SERVICES, Queue

# <account>.dkr.ecr.<region>.amazonaws.com/<repository>:<tag>, or @<digest>
ECR = re.compile(
    r"(?P<account>\d{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.amazonaws\.com(?:\.cn)?/"
    r"(?P<repository>[^:@]+)(?::(?P<tag>[^@]+))?(?:@(?P<digest>sha256:\S+))?"
)

Location = tuple[int | str, ...]
Say = Callable[..., Hit]  # a message, and a fix that is not the rule's


@dataclass(frozen=True)
class Secret:
    """A secret's store (Secrets Manager or SSM), and its name or ARN there."""

    manager: bool
    name: str

    @property
    def label(self) -> str:
        """Return the secret's name as messages show it."""
        return f"{'secret' if self.manager else 'parameter'} `{self.name}`"


def secret_of(written: object) -> Secret | None:
    """Return the source of an entry of `secrets`; None for exports of stacks, and names that only a
    deployment knows.

    https://aws.github.io/copilot-cli/docs/developing/secrets/
    """
    secret = _parsed(written)
    return None if secret is None or "${" in secret.name or not secret.name else secret


def _parsed(written: object) -> Secret | None:
    """Return the source of an entry of `secrets`, with `${…}` in the names that only a deployment
    fills in.
    """
    if isinstance(written, dict):
        name = written.get("secretsmanager")
        # `name:key::` takes one key of a secret that is JSON.
        return Secret(manager=True, name=_first(name, 1)) if isinstance(name, str) else None
    if not isinstance(written, str):
        return None
    written = written.strip("'")  # Copilot's documentation quotes an ARN once more
    if written.startswith("arn:"):
        manager = written.split(":", 6)[2:3] == ["secretsmanager"] and written.count(":") > 5
        return Secret(manager=True, name=_first(written, 7)) if manager else None
    return Secret(manager=False, name=written)


def _first(text: str, count: int) -> str:
    return ":".join(text.split(":")[:count])


def named_secrets(subject: Subject) -> Iterator[tuple[Variant, tuple[str, ...], Secret]]:
    """Yield every secret of every container whose name is known before a deployment."""
    for variant, at, written in _written_secrets(subject):
        secret = secret_of(written)
        if secret is not None:
            yield variant, at, secret


def names_in_secrets_manager(subject: Subject) -> Iterator[tuple[Variant, tuple[str, ...], str]]:
    """Yield every name, not ARN, of a secret in Secrets Manager; it may contain `${…}`."""
    for variant, at, written in _written_secrets(subject):
        secret = _parsed(written)
        if secret is not None and secret.manager and not secret.name.startswith("arn:"):
            yield variant, at, secret.name


def _written_secrets(subject: Subject) -> Iterator[tuple[Variant, tuple[str, ...], object]]:
    for variant in subject.variants(*FARGATE, APP_RUNNER):
        sidecars = mapping(dig(variant.data, "sidecars"))
        of_sidecars = (("sidecars", name, "secrets") for name in sidecars)
        for at in (("secrets",), ("logging", "secretOptions"), *of_sidecars):
            for name, written in mapping(dig(variant.data, *at)).items():
                yield variant, (*at, name), written


def secrets(subject: Subject) -> Iterator[tuple[Say, Secret, Stored | None]]:
    """Yield every secret that was looked up in AWS, with the result."""
    live = subject.in_aws
    for variant, at, secret in named_secrets(subject):
        stored = live.secrets if secret.manager else live.parameters
        if secret.name in stored:
            yield partial(variant.hit, at), secret, stored[secret.name]


def locations(subject: Subject) -> Iterator[tuple[Variant, tuple[str, ...], str]]:
    """Yield every image in ECR that a manifest names with its tag."""
    for variant in subject.variants(*FARGATE, APP_RUNNER):
        for at in image_locations(variant):
            written = dig(variant.data, *at)
            if isinstance(written, str) and ECR.fullmatch(written) and "${" not in written:
                yield variant, at, written


def image_locations(variant: Variant) -> Iterator[tuple[str, ...]]:
    """Yield the places of image locations: of the main container, then of sidecars."""
    yield ("image", "location")
    for name, sidecar in mapping(dig(variant.data, "sidecars")).items():
        nested = isinstance(dig(sidecar, "image"), dict)
        yield ("sidecars", name, "image", "location") if nested else ("sidecars", name, "image")


def imports(subject: Subject) -> Iterator[tuple[Variant, tuple[int | str, ...], str]]:
    """Yield every export of another stack that a manifest uses, by `from_cfn`."""
    for variant in subject.variants(*FARGATE, APP_RUNNER):
        for at, name in _from_cfn(variant.data):
            if "${" not in name:
                yield variant, at, name


def _from_cfn(value: object, at: Location = ()) -> Iterator[tuple[Location, str]]:
    pairs: Iterable[tuple[int | str, object]] = (
        enumerate(value) if isinstance(value, list) else mapping(value).items()
    )
    for key, below in pairs:
        if key == "from_cfn" and isinstance(below, str):
            yield (*at, key), below
        else:
            yield from _from_cfn(below, (*at, key))


def queues(subject: Subject) -> Iterator[tuple[Variant, Queue]]:
    """Yield every queue that a service's `ops.yml` names, with its dead-letter queue."""
    for variant, settings in declared(subject):
        if settings.queue is not None:
            yield variant, settings.queue


def queue_names(subject: Subject) -> Iterator[tuple[Variant, tuple[str, str], str]]:
    """Yield the name of every queue and dead-letter queue, with its field."""
    for variant, queue in queues(subject):
        yield variant, ("queue", "name"), queue.name
        if queue.dead_letters is not None:
            yield variant, ("queue", "dead_letters"), queue.dead_letters


def rollback_alarms(subject: Subject) -> Iterator[tuple[Variant, tuple[int | str, ...], str]]:
    """Yield every rollback alarm that a manifest names."""
    for variant in subject.variants(*SERVICES):
        at = ("deployment", "rollback_alarms")
        named = dig(variant.data, *at)
        for index, name in enumerate(named if isinstance(named, list) else ()):
            if isinstance(name, str) and "${" not in name:
                yield variant, (*at, index), name
