"""Following CONTRIBUTING adds one of each kind: one file, one line, and all else is there."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest

ROOT = Path(__file__).parents[2]


class Addition(NamedTuple):
    """What a section of CONTRIBUTING says to write."""

    file: str
    code: str
    where: str
    line: str


def addition(section: str) -> Addition:
    """Return what a section says to write: a file, and a line in another."""
    paths = re.findall(r"^\*\*\d\. .*`(src/glissando/\S+\.py)`", section, re.M)
    code, line = re.findall(r"^```python\n(.*?)^```$", section, re.M | re.S)
    return Addition(paths[0], code, paths[1], line)


SECTIONS = re.findall(
    r"^## Add an? (\w+).*?\n(.*?)(?=^## )", (ROOT / "CONTRIBUTING.md").read_text(), re.M | re.S
)
ADDITIONS = {kind: addition(section) for kind, section in SECTIONS}


def insert(path: Path, line: str) -> None:
    """Put an import behind the last one of the same package, as deep as it is."""
    start = re.match(r"from glissando\.\w+", line)
    assert start
    lines = path.read_text().splitlines(keepends=True)
    last = max(i for i, other in enumerate(lines) if other.strip().startswith(start[0]))
    indent = lines[last][: -len(lines[last].lstrip())]
    lines.insert(last + 1, indent + line)
    path.write_text("".join(lines))


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the package to which all was added as CONTRIBUTING says."""
    root = tmp_path_factory.mktemp("copy")
    shutil.copytree(ROOT / "src/glissando", root / "src/glissando")
    for added in ADDITIONS.values():
        assert not (root / added.file).exists()
        (root / added.file).write_text(added.code)
        insert(root / added.where, added.line)
    return root / "src"


def run(source: Path, *arguments: str, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(source)} | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


@pytest.fixture(scope="module")
def seen(source: Path) -> dict[str, Any]:
    """What a user sees of it; see `additions.py`."""
    program = Path(__file__).with_name("additions.py")
    printed = run(source, str(program), str(source.parent), str(ROOT / "docs"))
    found: dict[str, Any] = json.loads(printed)
    return found


def test_each_kind_is_one_file_and_one_line() -> None:
    assert list(ADDITIONS) == ["family", "combinator", "recipe", "dialect", "adapter"]
    for added in ADDITIONS.values():
        assert added.line.count("\n") == 1


def test_the_code_keeps_the_format_and_the_rules(source: Path) -> None:
    files = [str(source.parent / added.file) for added in ADDITIONS.values()]
    config = ("--config", str(ROOT / "pyproject.toml"), "--no-cache")
    run(source, "-m", "ruff", "format", "--check", *config, *files)
    ignored = "D102,N802"  # as pyproject.toml has it for these folders
    run(source, "-m", "ruff", "check", *config, "--ignore", ignored, *files)


def test_the_laws_hold(source: Path) -> None:
    options = ("-p", "no:cacheprovider", "-n0", "-q", "-k", "gaussian or blend")
    tested = run(source, "-m", "pytest", *options, "tests/test_laws.py", HYPOTHESIS_PROFILE="few")
    passed = re.search(r"\b(\d+) passed", tested)
    assert passed
    assert int(passed[1]) >= 2 * 10


def test_the_docstrings_hold(seen: dict[str, Any]) -> None:
    assert [failed for failed, _ in seen["docstrings"]] == [0, 0, 0]
    assert all(count >= 2 for _, count in seen["docstrings"])


def test_the_family_is_there(seen: dict[str, Any]) -> None:
    family = seen["gaussian"]
    assert family["text"] == "gaussian(1.0, width=10.0)"
    (listed,) = family["listed"]
    assert listed["kind"] == "family"
    assert listed["signature"] == "gaussian(start, width)"
    assert family["schema"]["required"] == ["type", "start", "width"]
    assert family["in schedules"]
    page = seen["pages"]["gaussian"]
    assert r"e^{-0.5 \cdot" in page
    assert "<svg" in page
    assert '"type": "gaussian"' in page


def test_the_combinator_is_there(seen: dict[str, Any]) -> None:
    combinator = seen["blend"]
    text = "blend(linear(1.0, 0.0, steps=4), rate=0.5, share=0.5)"
    assert combinator["text"] == seen["method"] == text
    (listed,) = combinator["listed"]
    assert listed["kind"] == "combinator"
    assert listed["signature"] == "blend(schedule, rate, share)"
    assert combinator["schema"]["required"] == ["type", "schedule", "rate", "share"]
    assert combinator["in schedules"]
    page = seen["pages"]["blend"]
    assert r"\mathrm{share}" in page
    assert "<svg" in page
    assert '"type": "blend"' in page


def test_the_recipe_is_there(seen: dict[str, Any]) -> None:
    recipe = seen["recipe"]
    assert (
        recipe["text"] == seen["called"] == "linear(0.0, 1.0, steps=2) >> linear(1.0, 0.0, steps=8)"
    )
    (listed,) = recipe["listed"]
    assert listed["kind"] == "recipe"
    assert listed["signature"] == "linear_decay(peak, steps, warmup=0)"
    assert "@misc{defazio2023optimal," in seen["cited"]
    page = seen["pages"]["linear_decay"]
    assert ".. autofunction:: glissando.recipes.linear_decay" in page
    assert "@misc{defazio2023optimal," in page
    assert "<svg" in page


def test_the_dialect_is_there(seen: dict[str, Any]) -> None:
    assert seen["listed"]["dialects"]
    assert "glissando.dialects.mxnet" not in seen["loaded early"]
    # the warm-up's second step, its end, and a cosine wave of 3
    assert seen["dialect"]["rates"] == pytest.approx([0.5, 1.0, 0.75, 0.25, 0.0])
    assert seen["dialect"]["refused"].startswith("mxnet.CosineScheduler: `warmup_mode` must be")
    page = seen["pages"]["mxnet"]
    assert ".. automodule:: glissando.dialects.mxnet" in page
    assert ":members: CosineScheduler" in page


def test_the_adapter_is_there(seen: dict[str, Any]) -> None:
    assert seen["listed"]["adapters"]
    assert "glissando.adapters.mxnet" not in seen["loaded early"]
    assert seen["adapter"]["used"] == [1.0, 0.75, 0.5, 0.25, 0.0]
    assert seen["adapter"]["step"] == 5
    assert seen["adapter"]["refused"].startswith("mxnet.Scheduler: `momentum` cannot follow")
