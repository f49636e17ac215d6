"""The platform of an image before a release, and the one that its workloads need."""

import json
from pathlib import Path
from typing import Any, cast

import pytest

from ops.base.errors import OpsError
from ops.copilot.workspace import load_workspace
from ops.release.aws.images import Images
from ops.release.decisions.model import Change, Plan
from ops.release.decisions.platforms import platform_of
from ops.release.steps.preflight import check_platforms
from tests.ops.release.records import V2

INDEX = {
    "manifests": [
        {"digest": "sha256:1", "platform": {"os": "linux", "architecture": "amd64"}},
        {"digest": "sha256:2", "platform": {"os": "linux", "architecture": "arm64"}},
        {"digest": "sha256:3", "platform": {"os": "unknown", "architecture": "unknown"}},
    ]
}
SINGLE = {"config": {"digest": "sha256:c"}}


@pytest.mark.parametrize(
    ("written", "platform"),
    [
        (None, "linux/amd64"),
        ("linux/x86_64", "linux/amd64"),
        ("linux/arm64", "linux/arm64"),
        ({"osfamily": "windows_server_2022_core", "architecture": "x86_64"}, "windows/amd64"),
        ({"osfamily": "linux", "architecture": "arm64"}, "linux/arm64"),
    ],
)
def test_a_manifests_platform_as_engines_name_it(written: object, platform: str) -> None:
    assert platform_of({"platform": written} if written else {}) == platform


class Client:
    """An ECR with one image, whose configuration is a file."""

    def __init__(self, manifest: object, config: Path | None = None) -> None:
        self._manifest, self._config = manifest, config

    def batch_get_image(self, **_: object) -> object:
        return {"images": [{"imageManifest": json.dumps(self._manifest)}]}

    def get_download_url_for_layer(self, **asked: str) -> object:
        assert asked == {"repositoryName": "shop", "layerDigest": "sha256:c"}
        assert self._config is not None
        return {"downloadUrl": self._config.as_uri()}


def images(manifest: object, config: Path | None = None) -> Images:
    made = Images.__new__(Images)
    made.repository, made._client = "shop", Client(manifest, config)
    return made


def test_an_index_lists_its_platforms() -> None:
    assert images(INDEX).platforms("v2") == {"linux/amd64", "linux/arm64"}


def test_a_single_image_has_its_platform_in_its_configuration(tmp_path: Path) -> None:
    config = tmp_path / "config"
    config.write_text(json.dumps({"os": "linux", "architecture": "arm64"}))
    assert images(SINGLE, config).platforms("v2") == {"linux/arm64"}
    assert images(SINGLE, tmp_path / "missing").platforms("v2") == frozenset()


@pytest.mark.parametrize("platform", ["linux/x86_64", "linux/arm64"])
def test_an_image_for_another_platform_is_refused_before_anything_is_written(
    tmp_path: Path, platform: str
) -> None:
    manifest = tmp_path / "copilot" / "web" / "manifest.yml"
    manifest.parent.mkdir(parents=True)
    manifest.write_text(f"name: web\ntype: Backend Service\nplatform: {platform}\n")
    workspace = load_workspace(tmp_path, "shop")
    plan = Plan("shop", "prod", ((Change("web", "Backend Service", V2, None),),))
    config = tmp_path / "config"
    config.write_text(json.dumps({"os": "linux", "architecture": "amd64"}))
    if platform == "linux/arm64":
        with pytest.raises(OpsError, match="runs on linux/arm64, and the image v2 is for linux/am"):
            check_platforms(images(SINGLE, config), workspace, plan)
    else:
        assert check_platforms(images(SINGLE, config), workspace, plan) == ()
    nothing = images({}, config)
    assert check_platforms(cast("Any", nothing), workspace, plan) == ("v2",)
