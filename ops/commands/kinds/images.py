"""`ops images`: what is stored, and the way of a commit into a repository."""

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
from ops.plan.declarations import APPLICATION, read_declarations
from ops.plan.model import Json
from ops.plan.output.text import as_json
from ops.plan.places import application_place

_PLATFORM = "linux/amd64"  # what Copilot calls linux/x86_64, its default

_repository = click.argument("repository", required=False)
_tag = click.option("--tag", help="The image's tag.  [default: the commit's first 12 digits]")


@click.command("tag")
@shared_options
def tag(options: Options) -> None:
    """Print the tag of an image of this commit: IMAGE_TAG=$(ops images tag)."""
    workspace = load_workspace(options.workspace, options.application)
    source = read_source(workspace.root)
    _print(options, source.tag, {"tag": source.tag, "commit": source.commit})


@click.command("build")
@_repository
@_tag
@click.option("--file", type=click.Path(path_type=Path), help="[default: Dockerfile]")
@click.option("--platform", default=_PLATFORM, show_default=True, help="As docker names it.")
@shared_options
def build(
    options: Options, repository: str | None, tag: str | None, file: Path | None, platform: str
) -> None:
    """Build this commit for REPOSITORY and print the image's name.

    REPOSITORY may be left out where only one is declared. Refuses a working tree that differs
    from its commit, and a tag that exists.
    """
    asked = _Asked.read(options)
    made = asked.release(repository, tag)
    release.build(made, file or made.source.root / "Dockerfile", platform)
    _print(options, made.image, {"image": made.image, "tag": made.tag})


@click.command("push")
@_repository
@_tag
@shared_options
def push(options: Options, repository: str | None, tag: str | None) -> None:
    """Push what `build` built, and print the image's name.

    Refuses a tag that exists, and a push by which an image in use would expire.
    """
    asked = _Asked.read(options)
    made = asked.release(repository, tag)
    keep = asked.declared[made.repository].keep
    release.check_room(made, asked.stored, keep, asked.aws, asked.place)
    digest = release.push(made, asked.stored)
    _print(options, made.image, {"image": made.image, "tag": made.tag, "digest": digest})


@click.command("list")
@click.option(
    "--limit",
    default=20,
    show_default=True,
    type=click.IntRange(min=0),
    help="The newest images of a repository; those in use are shown all the same.",
)
@shared_options
def list_(options: Options, limit: int) -> None:
    """List the images: age, size, scan findings, and which tasks use them."""
    asked = _Asked.read(options)
    found, problems = read_listings(asked.aws, asked.stored, asked.place, asked.declared, limit)
    data: dict[str, Json] = {
        "application": asked.place.application,
        "repositories": listing.as_data(found),
        "problems": [str(problem) for problem in problems],
    }
    if options.is_json or found or not problems:
        _print(options, listing.as_text(found, datetime.now(UTC)), data)
    for problem in problems:
        tell_error(problem)
    raise click.exceptions.Exit(int(bool(problems)))


@dataclass(frozen=True)
class _Asked:
    """What these commands share: the files, and the way to ECR."""

    workspace: Workspace
    environment: str | None
    declared: Mapping[str, Repository]
    aws: Aws
    stored: Stored

    @classmethod
    def read(cls, options: Options) -> "_Asked":
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
        """The commit on its way; what stands against it is told before anything is done."""
        name = release.choose(self.declared, repository)
        return release.prepare(self.stored, read_source(self.workspace.root), name, tag)


def _print(options: Options, text: str, data: Mapping[str, Json]) -> None:
    click.echo(as_json(data) if options.is_json else text)
