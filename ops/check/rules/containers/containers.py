"""The containers of a task: images, commands, variables, stop timeouts."""

from collections.abc import Iterator
from typing import Any

from ops.check.aws.references import image_locations
from ops.check.files.submodules import exists, unfetched
from ops.check.finding import Hit, Severity
from ops.check.fixes.in_place import replacing
from ops.check.manifest.tasks import FARGATE_STOP_TIMEOUT, celery_workers, stop_timeout, time_limit
from ops.check.registry import rule
from ops.check.subject.model import Manifest, Subject, Variant
from ops.check.subject.plain import dig, mapping, number, text
from ops.copilot.workload import APP_RUNNER, FARGATE, WEB

_ENV_FILE = "https://aws.github.io/copilot-cli/docs/manifest/backend-service/#env_file"
_IMAGE = "https://aws.github.io/copilot-cli/docs/manifest/lb-web-service/#image"
_DEFINITION = (
    "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html"
)


def _imaged(manifest: Manifest) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
    """Yield the manifest and each environment's override, with their places."""
    yield (), mapping(manifest.data)
    for name, override in mapping(dig(manifest.data, "environments")).items():
        yield ("environments", name), mapping(override)


@rule(Severity.ERROR, _IMAGE)
def image_source(subject: Subject) -> Iterator[Hit]:
    """A manifest names the source of its image twice, or not at all.

    Why: Copilot refuses the manifest.

    Fix: Give `image` either `build` or `location`.
    """
    for manifest in subject.manifests:
        if manifest.type not in (*FARGATE, APP_RUNNER):
            continue
        sources = set[str]()
        for at, block in _imaged(manifest):
            image = mapping(block.get("image"))
            here = {name for name in ("build", "location") if image.get(name) is not None}
            if len(here) > 1:
                yield manifest.hit((*at, "image"), "both `build` and `location`")
            sources |= here
        if not sources and not _is_completed_elsewhere(manifest):
            yield manifest.hit(("image",), "neither `build` nor `location`")
    for variant in subject.variants(*FARGATE):
        for name, sidecar in mapping(dig(variant.data, "sidecars")).items():
            image = mapping(dig(sidecar, "image"))
            if image.get("build") is not None and image.get("location") is not None:
                yield variant.hit(("sidecars", name, "image"), "both `build` and `location`")


def _is_completed_elsewhere(manifest: Manifest) -> bool:
    """Return whether an image has fields but no source, which a pipeline may add."""
    image = mapping(dig(manifest.data, "image"))
    return any(value is not None for name, value in image.items() if name != "port")


@rule(Severity.WARNING, _IMAGE)
def image_incomplete(subject: Subject) -> Iterator[Hit]:
    """A manifest describes its image without the image's source.

    Why: Copilot refuses the manifest, unless a pipeline fills in `image.location` first.

    Fix: Give `image` either `build` or `location`, or ignore the finding and name the pipeline's
    step.
    """
    for manifest in subject.manifests:
        blocks = [mapping(block.get("image")) for _, block in _imaged(manifest)]
        sources = [name for image in blocks for name in ("build", "location") if image.get(name)]
        is_imaged = manifest.type in (*FARGATE, APP_RUNNER)
        if is_imaged and not sources and _is_completed_elsewhere(manifest):
            yield manifest.hit(("image",), "neither `build` nor `location`")


@rule(Severity.ERROR, _IMAGE)
def dockerfile_missing(subject: Subject) -> Iterator[Hit]:
    """A manifest builds a Dockerfile that does not exist.

    Why: The deployment fails: Docker refuses the build.

    Fix: Correct the path; it counts from the directory that holds `copilot/`.
    """
    for variant in subject.variants(*FARGATE, APP_RUNNER):
        build = variant.build
        if build is None or exists(subject.root / build.path):
            continue
        if unfetched(subject.root, build.path) is None:
            yield variant.hit(("image", "build"), f"{build.path} does not exist")


@rule(Severity.WARNING, "https://git-scm.com/docs/git-submodule")
def submodule_not_fetched(subject: Subject) -> Iterator[Hit]:
    """A manifest builds from a Git submodule that is not fetched.

    Why: A deployment from here fails when it builds the image.

    Fix: Run `git submodule update --init`.
    """
    for variant in subject.variants(*FARGATE, APP_RUNNER):
        build = variant.build
        if build is None or exists(subject.root / build.path):
            continue
        if module := unfetched(subject.root, build.path):
            yield variant.hit(("image", "build"), f"the submodule {module} is empty")


@rule(Severity.ERROR, _IMAGE)
def image_without_tag(subject: Subject) -> Iterator[Hit]:
    """An image's location ends where its tag should begin.

    Why: Copilot accepts it, ECS does not. An empty variable, such as `${IMAGE_TAG}`, has this
    effect.

    Fix: Set the variable where the deployment runs, or write the tag.
    """
    for variant in subject.variants(*FARGATE, APP_RUNNER):
        for at in image_locations(variant):
            location = dig(variant.data, *at)
            if isinstance(location, str) and location.endswith((":", "@")):
                yield variant.hit(at, f"`{location}` has no tag")


@rule(Severity.ERROR, _ENV_FILE)
def env_file_name(subject: Subject) -> Iterator[Hit]:
    """The name of a container's file of variables does not end in `.env`.

    Why: Copilot refuses the manifest.

    Fix: Rename the file.
    """
    for variant, at, written in _env_files(subject):
        if not written.endswith(".env"):
            yield variant.hit(at, f"`{written}` does not end in .env")


@rule(Severity.WARNING, _ENV_FILE)
def env_file_missing(subject: Subject) -> Iterator[Hit]:
    """A container's file of variables does not exist.

    Why: A deployment from here fails.

    Fix: Put the file where the deployment runs, or correct the path, which starts at the directory
    of `copilot/`.
    """
    for variant, at, written in _env_files(subject):
        if not exists(subject.root / written):
            yield variant.hit(at, f"{written} does not exist")


def _env_files(subject: Subject) -> Iterator[tuple[Variant, tuple[str, ...], str]]:
    """Yield every file of variables, with its place in the manifest."""
    for variant in subject.variants(*FARGATE):
        sidecars = mapping(dig(variant.data, "sidecars"))
        for container in ((), ("logging",), *(("sidecars", name) for name in sidecars)):
            at = (*container, "env_file")
            written = text(dig(variant.data, *at))
            if written is not None and "$" not in written:
                yield variant, at, written


@rule(Severity.ERROR, _IMAGE)
def port_missing(subject: Subject) -> Iterator[Hit]:
    """A web service has no port.

    Why: Copilot refuses the manifest.

    Fix: Give `image.port` the port that the container listens on.
    """
    for variant in subject.variants(WEB, APP_RUNNER):
        if dig(variant.data, "image", "port") is None:
            yield variant.hit(("image",), "`image.port` is missing")


@rule(Severity.ERROR, "https://aws.github.io/copilot-cli/docs/manifest/lb-web-service/#http")
def balancer_missing(subject: Subject) -> Iterator[Hit]:
    """A Load Balanced Web Service has no load balancer.

    Why: Copilot refuses the manifest.

    Fix: Add `http: {path: /}`, or `nlb`, or make it a Backend Service.
    """
    for variant in subject.variants(WEB):
        http, nlb = (dig(variant.data, name) for name in ("http", "nlb"))
        if not http and not nlb:
            yield variant.hit(("http",), "neither `http` nor `nlb`")
        elif http is None:
            yield variant.hit(("nlb",), "`nlb` alone", "Write `http: false` next to `nlb`.")


@rule(Severity.ERROR, _DEFINITION)
def variable_and_secret(subject: Subject) -> Iterator[Hit]:
    """A variable and a secret of a container have the same name.

    Why: The deployment fails: ECS refuses the task definition.

    Fix: Remove one of them.
    """
    for variant in subject.variants(*FARGATE, APP_RUNNER):
        sidecars = mapping(dig(variant.data, "sidecars"))
        for at in ((), *(("sidecars", name) for name in sidecars)):
            variables = mapping(dig(variant.data, *at, "variables"))
            secrets = mapping(dig(variant.data, *at, "secrets"))
            for name in variables.keys() & secrets.keys():
                yield variant.hit((*at, "secrets", name), f"`{name}` is also a variable")


@rule(Severity.WARNING, "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html")
def exec_on_read_only(subject: Subject) -> Iterator[Hit]:
    """ECS Exec is enabled for a container with a read-only root filesystem.

    Why: ECS Exec writes into the container, so `copilot svc exec` fails.

    Fix: Set `exec` or `storage.readonly_fs` to false.
    """
    for variant in subject.variants(*FARGATE):
        exec_ = dig(variant.data, "exec")
        enabled = exec_ is True or dig(exec_, "enable") is True
        if enabled and dig(variant.data, "storage", "readonly_fs") is True:
            yield variant.hit(("exec",), "`exec` with `storage.readonly_fs`")


@rule(
    Severity.ERROR,
    "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html",
)
def stop_timeout_too_long(subject: Subject) -> Iterator[Hit]:
    """A container's stop timeout is longer than Fargate allows.

    Why: The deployment fails: ECS refuses the task definition.

    Fix: Write at most 120 seconds. Longer work needs scale-in protection.
    """
    for variant in subject.variants(*FARGATE):
        override = stop_timeout(variant)
        value = number(override[1]) if override else None
        if override and value is not None and value > 120:
            at = ("taskdef_overrides", override[0], "value")
            hit = variant.hit(at, f"{value} s; the maximum is 120")
            yield replacing(subject.root, hit, f"value: {value}", "value: 120")


@rule(
    Severity.WARNING,
    "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html",
)
def stop_timeout_too_short(subject: Subject) -> Iterator[Hit]:
    """A Celery worker is killed before a task of the allowed length ends.

    Why: Deployments and scale-in interrupt running tasks, which start again.

    Fix: Override `ContainerDefinitions[0].StopTimeout` in `taskdef_overrides`, up to 120 seconds,
    or lower the limit of a task.
    """
    for variant, runs in celery_workers(subject):
        limit, override = time_limit(runs), stop_timeout(variant)
        stop = number(override[1]) if override else FARGATE_STOP_TIMEOUT
        if subject.overrides_speak_of(variant.workload, "StopTimeout"):
            continue
        if limit is not None and stop is not None and limit > stop:
            at: tuple[int | str, ...] = (
                ("taskdef_overrides", override[0]) if override else ("command",)
            )
            yield variant.hit(at, f"a task may take {limit} s, but the worker has {stop} s to stop")
