"""The command `glissando find`."""

import json
import re
import sys

import numpy as np
import pytest
from click.testing import CliRunner

import glissando as gl
from glissando.cli import main

MODULE = """
import numpy as np
from glissando.finder.training import Training

weights = np.ones(2)

def step(rate):
    loss = float(4 * weights @ weights)
    weights[:] -= rate * 8 * weights
    return loss

class Mine(Training):
    def step(self, rate):
        return step(rate)
    def save(self):
        return weights.copy()
    def restore(self, state):
        weights[:] = state
    def reseed(self, seed):
        pass

def training():
    return Mine()

def wrong(a, b):
    pass
"""


@pytest.fixture
def module(tmp_path, monkeypatch):
    name = f"own_{tmp_path.name.replace('-', '_')}"
    (tmp_path / f"{name}.py").write_text(MODULE)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.path", sys.path.copy())
    return name


def run(*words):
    result = CliRunner().invoke(main, ["find", *words])
    assert result.exit_code == 0, result.output
    return result.stdout


def test_a_function_that_makes_a_training_or_is_one_update(module):
    answer = run(f"{module}:training", "--steps", "50")
    assert answer.splitlines()[0].startswith("rate      0.0")
    assert re.search(r"^limit +0\.2\d+ \(0\.2\d+ to 0\.2\d+\)$", answer, re.M)
    alone = run(f"{module}:step", "--steps", "50")
    assert "doubt: There was one ramp alone" in alone


def test_json_and_page(module, tmp_path):
    page = tmp_path / "page.html"
    text = run(f"{module}:training", "--linear", "--start", "0.01", "--json", "-o", str(page))
    found = gl.RateRange.from_data(json.loads(text))
    assert found.curve.ramps[0].rates[0] == 0.01
    html = page.read_text()
    assert not re.search(r"<(script|link|img)[^>]*(src|href)=", html)
    assert "Plotly.newPlot" in html
    for words in ("Good rates lie between", "valley", "All seeds gave the same losses"):
        assert words in html


def test_a_recorded_test_in_a_file(tmp_path):
    rates = np.geomspace(1e-4, 1.0, 40)
    pairs = [(float(r), float(2 - r**0.5 + 50 * r**4)) for r in rates]
    (tmp_path / "test.json").write_text(json.dumps(pairs))
    rows = "".join(f"{rate},{loss}\n" for rate, loss in pairs)
    (tmp_path / "test.csv").write_text(f"rate,loss\n{rows}")
    one, other = (run(str(tmp_path / f"test.{suffix}"), "--json") for suffix in ("json", "csv"))
    assert one == other
    assert gl.RateRange.from_data(json.loads(one)).method == "ramp"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["MODULE:nothing"], "must be a function in"),
        (["MODULE:wrong"], "must take nothing, or the rate alone, got one that takes 2 arguments"),
        (["no_such_module:f"], "cannot be imported"),
        (["just words"], "MODULE:FUNCTION"),
        (["missing.csv"], "missing.csv: No such file"),
        (["bad.csv"], "must have the columns `rate` and `loss`"),
        (["bad.json"], "not valid JSON"),
        (["MODULE:step", "-o", "page.png"], "must end in .html, got 'page.png'"),
        (["MODULE:step", "--start", "0"], "--start"),
    ],
)
def test_bad_input_is_one_message_and_exit_code_2(module, tmp_path, words, message):
    (tmp_path / "bad.csv").write_text("a,b\n1,2\n")
    (tmp_path / "bad.json").write_text("[1, ")
    words = [word.replace("MODULE", module) if "MODULE" in word else word for word in words]
    result = CliRunner().invoke(main, ["find", *words])
    assert result.exit_code == 2
    assert message in result.stderr
    assert "Traceback" not in result.output
