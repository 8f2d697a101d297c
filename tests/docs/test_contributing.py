"""Following CONTRIBUTING adds a family: one file, one line, and everything else is there."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "CONTRIBUTING.md").read_text()
CLI = ("-c", "from glissando.cli import main; main()")


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the package to which a family was added as CONTRIBUTING says."""
    source = tmp_path_factory.mktemp("src")
    shutil.copytree(ROOT / "src/glissando", source / "glissando")
    new, where = re.findall(r"`src/(glissando/\S+\.py)`", TEXT)[:2]
    code, line = re.findall(r"^```python\n(.*?)^```$", TEXT, re.M | re.S)
    (source / new).write_text(code)
    with (source / where).open("a") as file:
        file.write(line)
    return source


def run(source: Path, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(source)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def test_the_laws_hold(source: Path) -> None:
    options = ("-p", "no:cacheprovider", "-n0", "-q")
    tested = run(source, "-m", "pytest", *options, "tests/test_laws.py", "-k", "gaussian")
    assert re.search(r"\b\d+ passed", tested)


def test_the_docstring_holds(source: Path) -> None:
    run(source, "-m", "doctest", str(source / "glissando/families/gaussian.py"))


def test_it_is_on_the_command_line(source: Path) -> None:
    listed = json.loads(run(source, *CLI, "families", "--json"))
    assert [e["signature"] for e in listed if e["name"] == "gaussian"] == ["gaussian(start, width)"]
    shown = json.loads(run(source, *CLI, "show", "--json", "gaussian(1, width=10)"))
    assert shown["gaussian(1, width=10)"]["schedule"] == "gaussian(1.0, width=10.0)"


def test_it_is_in_the_schema(source: Path) -> None:
    definitions = json.loads(run(source, *CLI, "families", "--schema"))["$defs"]
    assert definitions["gaussian"]["required"] == ["type", "start", "width"]
    assert {"$ref": "#/$defs/gaussian"} in definitions["schedule"]["oneOf"]


def test_it_has_a_page_with_its_formula_and_picture(source: Path) -> None:
    script = "import sys; sys.path.append('docs'); import generate as g"
    page = run(source, "-c", f"{script}; print(g.families()['gaussian'])")
    assert r"e^{-0.5 \cdot" in page
    assert "<svg" in page
    assert '"type": "gaussian"' in page
