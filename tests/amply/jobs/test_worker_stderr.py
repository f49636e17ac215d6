"""What Celery's process pool prints to stderr becomes JSON lines."""

import json
import sys

import pytest

from amply.jobs.commands import _keep_our_logging


def test_what_is_printed_to_standard_error_is_json(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stderr", sys.stderr)  # restored afterwards
    _keep_our_logging("INFO")  # type: ignore[arg-type]  # as the command line gives it
    sys.stderr.write("Process ForkPoolWorker-1:\n")
    out, err = capfd.readouterr()
    line = json.loads(out)
    assert (line["level"], line["logger"]) == ("ERROR", "stderr")
    assert line["message"] == "Process ForkPoolWorker-1:"
    assert err == ""
