"""`ops check` agrees with the real Copilot CLI on every recorded manifest.

`make oracle` asks the CLI itself whether the verdicts are right.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

import pytest

from tests.ops.check.oracle.manifests import recorded
from tests.ops.check.oracle.report import errors, findings

if TYPE_CHECKING:
    from tests.ops.check.oracle.manifests import Manifest

GROUPS = {
    f"{kind}, {of}, {verdict}": list(group)
    for (kind, of, verdict), group in groupby(
        recorded(), lambda each: (each.kind, each.of, each.verdict)
    )
}


@pytest.mark.parametrize("group", GROUPS)
def test_an_error_where_a_deploy_fails_and_none_where_it_does_not(group: str) -> None:
    assert [each.mutant for each in GROUPS[group] if not _agrees(each)] == []


def _agrees(manifest: Manifest) -> bool:
    return bool(errors(findings(manifest))) is (manifest.verdict != "packaged")
