"""The toolkit's own distribution."""

from __future__ import annotations

import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


def project(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = tomllib.loads(path.read_text())["project"]
    return found


def test_its_dependencies_are_those_of_the_repositorys_extras() -> None:
    own = project(ROOT / "toolkit" / "pyproject.toml")
    extras = project(ROOT / "pyproject.toml")["optional-dependencies"]
    assert own["dependencies"] == extras["ops"]
    assert own["optional-dependencies"]["local"] == extras["local"]
    assert own["version"] == project(ROOT / "pyproject.toml")["version"]


def test_its_wheel_holds_the_toolkit_and_no_backend(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=ROOT / "toolkit", check=True, capture_output=True, timeout=120)
    (wheel,) = tmp_path.glob("ops_for_copilot-*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert {"ops/__main__.py", "ops/check/manifest/manifest_fields.yml", "ops/LICENSE"} <= set(
        names
    )
    assert not [name for name in names if "amply" in name]
    tops = {name.partition("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"ops"}
