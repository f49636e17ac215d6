"""What `make` says before it sets anything up."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
# A Python of another version, as far as the Makefile asks one.
OLD = """\
#!/bin/sh
case "$1" in
  -c) exec {python} -c "import sys; sys.version_info = (3, 9, 2); $2" ;;
  --version) echo "Python 3.9.2" ;;
  *) echo "$@" >> "$(dirname "$0")/calls" ;;
esac
"""


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """Return a folder with what `make install` reads, and an old Python in it."""
    for name in ("Makefile", "pyproject.toml", "requirements/dev.lock"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / "python3.9").write_text(OLD.replace("{python}", sys.executable))
    (tmp_path / "python3.9").chmod(0o755)
    return tmp_path


def test_an_old_python_is_refused_in_one_line_and_leaves_nothing(clone: Path) -> None:
    # Not those of a `make test` that runs this.
    environment = {name: value for name, value in os.environ.items() if "MAKE" not in name}
    done = subprocess.run(
        ["make", "install", f"PYTHON={clone / 'python3.9'}"],
        cwd=clone, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode != 0
    wanted = "3.11 or newer is needed: make PYTHON=python3.12 …"
    assert done.stdout == f"{clone / 'python3.9'} is Python 3.9.2, and {wanted}\n"
    assert not (clone / ".venv").exists()
    assert not (clone / "calls").exists()
