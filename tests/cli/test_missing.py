"""A command whose packages are missing says what to install."""

import subprocess
import sys

import pytest

SCRIPT = """
import sys
sys.modules["numpy"] = None
from glissando.cli import main
main(sys.argv[1:])
"""


@pytest.mark.parametrize(
    ("command", "extra"),
    [
        ("study study.toml", "study"),
        ("demo", "demo"),
        ("forecast run.csv", "forecast"),
        ("infer run.csv", "audit"),
    ],
)
def test_what_to_install_is_named(command, extra, tmp_path):
    (tmp_path / "study.toml").touch()
    (tmp_path / "run.csv").touch()
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, *command.split()],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    name = command.split()[0]
    said = f'Error: glissando {name} needs numpy: pip install "glissando[{extra}]"\n'
    assert (done.returncode, done.stdout, done.stderr) == (2, "", said)
