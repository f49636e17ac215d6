"""Values for `${…}` in manifests come from declarations, never from leftovers of a shell."""

from collections.abc import Callable
from pathlib import Path

import pytest

from ops.base.errors import OpsError
from ops.copilot.workspace import Release, Workspace, load_workspace
from ops.release.decisions.variables import check, values

ROOT = Path(__file__).parents[3]
URI = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/shop"
WEB = """\
name: web
type: Backend Service
# not ${THIS}
image: {location: "${REGISTRY}/shop:${IMAGE_TAG}"}
variables:
  APP: ${COPILOT_APPLICATION_NAME}
  ROLE: !Sub "${AWS::AccountId}${Role}"
  ESCAPED: \\${NOBODY}
"""


@pytest.fixture
def shop(workspace: Path) -> Callable[[str], Workspace]:
    def write(manifest: str) -> Workspace:
        (workspace / "copilot/web/manifest.yml").write_text(manifest)
        return load_workspace(workspace)

    return write


def test_the_committed_manifests_have_all_their_values() -> None:
    for environment in ("staging", "prod"):
        workspace = load_workspace(ROOT)
        check(workspace, workspace.settings(environment).release)


def test_tag_and_registry_reach_their_variables() -> None:
    settings = Release(registry_variable="REGISTRY", variables={"MAIL_FROM": "a@b.org"})
    assert values(settings, URI, "v2") == {
        "IMAGE_TAG": "v2",
        "REGISTRY": "123456789012.dkr.ecr.eu-central-1.amazonaws.com",
        "MAIL_FROM": "a@b.org",
    }


def test_what_cloudformation_fills_in_is_not_asked_for(
    shop: Callable[[str], Workspace],
) -> None:
    check(shop(WEB), Release(registry_variable="REGISTRY"))


def test_a_variable_without_a_value_is_named_with_its_line(
    shop: Callable[[str], Workspace], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REGISTRY", "left over from another day")
    with pytest.raises(OpsError, match=r"copilot/web/manifest.yml:4: \$\{REGISTRY\} has no value"):
        check(shop(WEB), Release())


def test_a_value_from_the_shell_that_the_shell_does_not_have(
    shop: Callable[[str], Workspace],
) -> None:
    settings = Release(registry_variable="REGISTRY", variables={"A": "${NOT_SET}"})
    with pytest.raises(OpsError, match=r"release\.variables: A needs NOT_SET"):
        check(shop(WEB), settings)


def test_an_image_without_the_tag_would_never_change(shop: Callable[[str], Workspace]) -> None:
    with pytest.raises(OpsError, match=r"No manifest uses \$\{TAG\}"):
        check(
            shop(WEB.replace("REGISTRY", "IMAGE_TAG")),
            Release(tag_variable="TAG", variables={"IMAGE_TAG": "x"}),
        )
