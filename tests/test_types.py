"""Type checkers know what comes of what, and report what does not exist."""

import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import glissando as gl
from typed import program

PROGRAM = Path(program.__file__).read_text()

WRONG = """
import glissando as gl

rate = gl.Linear(0, 1, steps=3)
gl.Cosin(1, 0, steps=3)
gl.Linear(0, 1, stepz=3)
gl.Linear(0, 1)
gl.Linear("0", 1, steps=3)
rate.clipp(0, 1)
rate("3")
rate >> 3
rate.steps = 4
gl.plan(step=3)
gl.recipes.one_cycl(1e-3, steps=10)
gl.dialects.torhc
gl.dialects.torch.CosineAnnealingLR(lr=0.1, tmax=30)
gl.keras.LearningRateSchedular(rate)
"""

REVEALED = {
    "rate(3)": "float",
    "rate(2.5)": "float",
    "rate(np.int64(3))": "float",
    "rate(np.arange(3))": "ndarray[tuple[int], dtype[float64]]",
    "rate(np.ones((2, 2)))": "ndarray[tuple[int, int], dtype[float64]]",
    "rate >> 2 * rate": "Schedule",
    "warmup.replace(end=1.0)": "Linear",
    "plateau.init()": "PlateauState",
    "gl.Greedy().init()": "GreedyState",
    "gl.recipes.one_cycle(1e-3, steps=10)": "Schedule",
}

MYPY = """
[mypy]
strict = true
# as in an installed package
[mypy-glissando.*]
ignore_errors = true
# they take a while, and say nothing of ours
[mypy-{frameworks}]
follow_imports = skip
"""
FRAMEWORKS = """
    catboost ignite jax keras lightgbm lightning optax plotly sklearn tensorflow torch transformers
    xgboost
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "program.py").write_text(
        PROGRAM + "".join(f"reveal_type({expression})\n" for expression in REVEALED)
    )
    (tmp_path / "wrong.py").write_text(WRONG)
    return tmp_path


def judge(errors, revealed):
    """Hold errors, as files and lines, and the revealed types to what they should be."""
    first = WRONG.splitlines().index("gl.Cosin(1, 0, steps=3)") + 1
    assert errors == {("wrong.py", line) for line in range(first, WRONG.count("\n") + 1)}
    plain = [re.sub(r"\b(\w+\.)+", "", kind) for kind in revealed]
    assert dict(zip(REVEALED, plain, strict=True)) == REVEALED


def test_mypy(folder):
    frameworks = ",".join(f"{name}.*" for name in FRAMEWORKS.split())
    (folder / "mypy.ini").write_text(MYPY.format(frameworks=frameworks))
    found = subprocess.run(
        [sys.executable, "-m", "mypy", "program.py", "wrong.py"],
        cwd=folder,
        env={"MYPYPATH": str(Path(gl.__file__).parents[1])},
        capture_output=True,
        text=True,
    )
    errors = re.findall(r"^(.+):(\d+): error:", found.stdout, re.M)
    judge(
        {(file, int(line)) for file, line in errors},
        re.findall(r'^program.py:\d+: note: Revealed type is "(.*)"$', found.stdout, re.M),
    )


def test_pyright(folder):
    settings = {"typeCheckingMode": "basic", "extraPaths": [str(Path(gl.__file__).parents[1])]}
    (folder / "pyrightconfig.json").write_text(json.dumps(settings))
    found = subprocess.run(
        [sys.executable, "-m", "basedpyright", "--outputjson"],
        cwd=folder,
        capture_output=True,
        text=True,
    )
    diagnostics = json.loads(found.stdout)["generalDiagnostics"]
    judge(
        {
            (Path(each["file"]).name, each["range"]["start"]["line"] + 1)
            for each in diagnostics
            if each["severity"] == "error"
        },
        [
            re.search(r'is "(.*)"$', each["message"])[1]
            for each in diagnostics
            if each["severity"] == "information"
        ],
    )


def test_what_the_types_say_is_so(tmp_path):
    assert type(program.rate(np.int64(3))) is type(program.rate(3)) is float
    assert program.curve.dtype == np.float64
    assert program.keep(tmp_path / "rate.yaml") == program.rate
    assert (Path(gl.__file__).parent / "py.typed").exists()
