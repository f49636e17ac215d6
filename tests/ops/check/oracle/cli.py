"""Verdicts of the real Copilot CLI on manifests, each in its own workspace."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Protocol, cast

import boto3

from ops.check.packaging.account import Account, Topic
from ops.check.packaging.cli import Cli
from tests.ops.check.conftest import write
from tests.ops.check.oracle.manifests import ENVIRONMENT
from tests.ops.check.oracle.report import WORKSPACE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_ROOT = Path(__file__).parents[4]
_REGION = "eu-central-1"
_SIDE_BY_SIDE = os.cpu_count() or 2


class Manifest(Protocol):
    """A manifest to ask about. `of` is its workload's name, or `environment`."""

    @property
    def of(self) -> str: ...
    @property
    def type(self) -> str: ...
    @property
    def path(self) -> str: ...
    @property
    def text(self) -> str: ...


def answers(
    folder: str, manifests: Sequence[Manifest], domain: str = "", topics: Sequence[Topic] = ()
) -> Iterator[str | None]:
    """Yield the CLI's output for each manifest that it refuses, else None, in order."""
    command = [sys.executable, "-m", "tests.workspace.embedded_aws", folder, _REGION]
    with subprocess.Popen(
        command, cwd=_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        home = Path(folder) / "home"
        home.mkdir()
        variables = json.loads(server.stdout.readline())
        cli = Cli(variables, home)
        cli.create_application("shop", [ENVIRONMENT], _REGION)
        account = Account(partial(_client, variables), "shop")
        account.create_topics(ENVIRONMENT, topics)
        if domain:
            account.set_domain(domain)
        with ThreadPoolExecutor(_SIDE_BY_SIDE) as pool:
            yield from pool.map(lambda each: _answer(cli, each), manifests)
        server.stdin.close()


def _client(variables: Mapping[str, str], service: str) -> Any:  # noqa: ANN401  # a boto3 client
    return cast("Any", boto3).client(
        service,
        region_name=_REGION,
        endpoint_url=variables["AWS_ENDPOINT_URL"],
        aws_access_key_id=variables["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=variables["AWS_SECRET_ACCESS_KEY"],
    )


def _answer(cli: Cli, manifest: Manifest) -> str | None:
    with TemporaryDirectory() as folder:
        write(Path(folder), {**WORKSPACE, manifest.path: manifest.text})
        return cli.package(Path(folder), manifest.type, manifest.of, ENVIRONMENT)
