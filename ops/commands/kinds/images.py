"""`ops images`: the stored images, and the build and push of a commit."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import click

from ops.aws.client import Aws
from ops.base.kinds import KINDS
from ops.commands.options import Options, shared_options
from ops.commands.terminal import tell_error, tell_warning
from ops.copilot.place import ApplicationPlace
from ops.copilot.workspace import Workspace, load_workspace
from ops.kinds.images import listing, release
from ops.kinds.images.inventory import read_listings
from ops.kinds.images.settings import Repository
from ops.kinds.images.source import read_source
from ops.kinds.images.stored.remote import Stored
from ops.plan.model import Json
from ops.plan.output.text import as_json
from ops.plan.survey.declarations import APPLICATION, read_declarations
from ops.plan.survey.places import application_place

_PLATFORM = "linux/amd64"  # what Copilot calls linux/x86_64, its default

_repository = click.argument("repository", required=False)
_tag = click.option("--tag", help="The image's tag.  [default: the commit's first 12 digits]")


@click.command("tag")
@shared_options
def tag(options: Options) -> None:
    """Print the tag for an image of this commit: IMAGE_TAG=$(ops images tag)."""
    workspace = load_workspace(options.workspace, options.application)
    source = read_source(workspace.root)
    _print(options, source.tag, {"tag": source.tag, "commit": source.commit})


@click.command("build")
@_repository
@_tag
@click.option("--file", type=click.Path(path_type=Path), help="[default: Dockerfile]")
@click.option(
    "--platform",
    default=_PLATFORM,
    show_default=True,
    help="Platform to build for, as docker names it, such as linux/arm64.",
)
@shared_options
def build(
    options: Options, repository: str | None, tag: str | None, file: Path | None, platform: str
) -> None:
    """Build this commit for REPOSITORY and print the image's name.

    REPOSITORY may be omitted if only one is declared. Fails if the working tree differs from its
    commit, or if the tag exists.
    """
    context = _ReleaseContext.read(options)
    new = context.release(repository, tag)
    release.build(new, file or new.source.root / "Dockerfile", platform)
    _print(options, new.image, {"image": new.image, "tag": new.tag})


@click.command("push")
@_repository
@_tag
@shared_options
def push(options: Options, repository: str | None, tag: str | None) -> None:
    """Push the image that `build` built, and print its name.

    Fails if the tag exists, or if the push would expire an image in use.
    """
    context = _ReleaseContext.read(options)
    new = context.release(repository, tag)
    keep = context.declared[new.repository].keep
    release.check_room(new, context.stored, keep, context.aws, context.place)
    digest = release.push(new, context.stored)
    _print(options, new.image, {"image": new.image, "tag": new.tag, "digest": digest})


@click.command("list")
@click.option(
    "--limit",
    default=20,
    show_default=True,
    type=click.IntRange(min=0),
    help="How many of the newest images to show; images in use are always shown.",
)
@shared_options
def list_(options: Options, limit: int) -> None:
    """List the images: age, size, scan findings, and which tasks use them."""
    context = _ReleaseContext.read(options)
    listings, problems = read_listings(
        context.aws, context.stored, context.place, context.declared, limit
    )
    data: dict[str, Json] = {
        "application": context.place.application,
        "repositories": listing.as_data(listings),
        "problems": [str(problem) for problem in problems],
    }
    if options.is_json or listings or not problems:
        _print(options, listing.as_text(listings, datetime.now(UTC)), data)
    for problem in problems:
        tell_error(problem)
    raise click.exceptions.Exit(int(bool(problems)))


@dataclass(frozen=True)
class _ReleaseContext:
    """The objects that these commands share: the workspace, and the connection to ECR."""

    workspace: Workspace
    environment: str | None
    declared: Mapping[str, Repository]
    aws: Aws
    stored: Stored

    @classmethod
    def read(cls, options: Options) -> "_ReleaseContext":
        workspace = load_workspace(options.workspace, options.application)
        kinds = [kind for kind in KINDS if kind.name == "images"]
        sections = read_declarations(workspace, kinds, options.environment).sections["images"]
        declared = sections[APPLICATION].root if APPLICATION in sections else {}
        if options.environment and (doubt := workspace.unheard_of(options.environment)):
            tell_warning(doubt)
        aws = Aws(options.profile, options.region)
        return cls(workspace, options.environment, declared, aws, Stored(aws))

    @property
    def place(self) -> ApplicationPlace:
        return application_place(self.workspace, self.environment)

    def release(self, repository: str | None, tag: str | None) -> release.Release:
        """Return the commit to release. Raise OpsError if it cannot be released."""
        name = release.choose(self.declared, repository)
        return release.prepare(self.stored, read_source(self.workspace.root), name, tag)


def _print(options: Options, text: str, data: Mapping[str, Json]) -> None:
    click.echo(as_json(data) if options.is_json else text)
