"""The built documentation, and a browser to read it in."""

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built documentation; processes that test together share it."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    with (folder / "docs.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "docs").exists():
            build(folder)
    assert (folder / "html").exists(), "the documentation was not built, as another test says"
    return folder / "html"


def build(folder: Path) -> None:
    """Build the documentation in `folder / "html"`, without a warning."""
    ignored = shutil.ignore_patterns("_build", "generated", "__pycache__")
    shutil.copytree(ROOT / "docs", folder / "docs", ignore=ignored)
    (folder / "tests").symlink_to(ROOT / "tests")  # which the evidence names
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-d"]
    done = subprocess.run(
        [*command, folder / "doctrees", folder / "docs", folder / "made"],
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    (folder / "made").rename(folder / "html")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A Chromium that reaches no network."""
    found = [os.environ.get("BROWSER_PATH"), *map(shutil.which, ("chromium", "google-chrome"))]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=next(filter(None, found)), args=["--no-sandbox"]
        )
        yield browser
        browser.close()
