"""The real Podman and Buildah, where they are installed: build, label, sign in, push."""

from __future__ import annotations

import json
import shutil
import subprocess
import urllib.request
from base64 import b64encode
from typing import TYPE_CHECKING

import pytest

from ops.kinds.images.engine import _ENGINES
from tests.ports import free_port
from tests.waiting import until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_PASSWORD = "AWS:$2y$05$cZFnU4yUoJVsmWLlBdg5z.OPeBQIgQGFwwL0twndB4jwkpIfBG3Ny"  # AWS, secret
_SETTINGS = """\
version: 0.1
log: {level: error}
storage: {filesystem: {rootdirectory: DIRECTORY}}
http: {addr: "127.0.0.1:PORT"}
auth: {htpasswd: {realm: test, path: DIRECTORY/users}}
"""


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Yield the address of a registry that accepts the user `AWS` with a password, as ECR does."""
    if (command := shutil.which("docker-registry")) is None:
        pytest.skip("docker-registry is not installed")
    port = free_port()
    text = _SETTINGS.replace("DIRECTORY", str(tmp_path)).replace("PORT", str(port))
    (tmp_path / "users").write_text(_PASSWORD)
    (tmp_path / "registry.yml").write_text(text)
    address = f"127.0.0.1:{port}"
    conf = f'[[registry]]\nlocation = "{address}"\ninsecure = true\n'
    (tmp_path / "registries.conf").write_text(conf)
    # Before the variables below: the registry reads those that begin with REGISTRY_ as settings.
    process = subprocess.Popen([command, "serve", str(tmp_path / "registry.yml")])
    monkeypatch.setenv("CONTAINERS_REGISTRIES_CONF", str(tmp_path / "registries.conf"))
    monkeypatch.setenv("REGISTRY_AUTH_FILE", str(tmp_path / "auth.json"))
    monkeypatch.setenv("BUILDAH_ISOLATION", "chroot")
    try:
        until("the registry listens", lambda: _tags(address, "none") is not None)
        yield address
    finally:
        process.terminate()
        process.wait(30)


def _tags(address: str, repository: str) -> list[str] | None:
    """Return the tags of a repository; None until the registry answers."""
    request = urllib.request.Request(f"http://{address}/v2/{repository}/tags/list")
    request.add_header("Authorization", f"Basic {b64encode(b'AWS:secret').decode()}")
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310
            return list(json.load(answer)["tags"])
    except urllib.error.HTTPError as error:
        error.close()
        return []
    except OSError:
        return None


@pytest.mark.parametrize("name", ["podman", "buildah"])
def test_an_image_is_built_labelled_and_pushed(name: str, registry: str, tmp_path: Path) -> None:
    if shutil.which(name) is None:
        pytest.skip(f"{name} is not installed")
    [engine] = [each for each in _ENGINES if each.name == name]
    context = tmp_path / "context"
    context.mkdir()
    (context / "Dockerfile").write_text("FROM scratch\nCOPY hello /hello\n")
    (context / "hello").write_text("hello")
    image = f"{registry}/shop/{name}:v1"
    assert engine.commit_of(image) is None
    engine.build(context, context / "Dockerfile", "linux/amd64", image, "abc1234")
    assert engine.commit_of(image) == "abc1234"
    if name == "podman":
        engine.login(registry, "secret")
    else:  # Buildah 1.28 signs in over TLS alone, whatever registries.conf says
        auth = {"auths": {registry: {"auth": b64encode(b"AWS:secret").decode()}}}
        (tmp_path / "auth.json").write_text(json.dumps(auth))
    engine.push(image)
    subprocess.run([name, "rmi", image], check=True, capture_output=True)
    assert _tags(registry, f"shop/{name}") == ["v1"]
