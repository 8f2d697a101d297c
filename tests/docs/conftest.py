"""The built documentation."""

import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

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
    (folder / "examples").symlink_to(ROOT / "examples")  # which may be downloaded
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
