"""A headless Chromium for tests of pages. Debian's package `chromium` has it."""

from __future__ import annotations

import gc
import os
import shutil
import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

_OPTIONS = (
    "--no-sandbox",  # a container's root has no other choice
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start a browser. Without Chromium skip the test, or fail it in CI."""
    path = shutil.which("chromium")
    if path is None:
        reason = "Chromium is missing: apt-get install chromium"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(_OPTIONS))
        yield browser
        browser.close()
    del playwright, browser
    # Playwright never waits for its process, and another test would be blamed for that.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()
