"""What `glissando check` says, and its exit code."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from glissando.cli import main

LOG = Path(__file__).parents[1] / "data/logs/hf_linear_used_rate.trainer_state.json"

MEANT = "linear(5e-5, 0, steps=750)"


def check(*arguments):
    """The exit code and what is printed."""
    result = CliRunner().invoke(main, ["check", *map(str, arguments)])
    return result.exit_code, result.output


def test_a_log_that_matches():
    code, text = check(LOG, "--schedule", MEANT)
    assert code == 0
    assert text.startswith("Matches: 75 rows; row s holds the rate of update s − 1, to 12 digits.")


def test_a_log_that_differs():
    code, text = check(LOG, "--schedule", "linear(1e-4, 0, steps=750)", "--world-size", 2)
    assert code == 1
    assert "Cause:    peak scaled: the peak is 1/2 = 0.5 (the number of processes) times" in text


def test_json():
    code, text = check(LOG, "--schedule", "linear(5e-5, 0, steps=1500)", "--json")
    assert code == 1
    assert json.loads(text)["cause"]["name"] == "advanced once a process"


@pytest.mark.parametrize("suffix", [".html", ".png"])
def test_a_picture(tmp_path: Path, suffix: str):
    path = tmp_path / f"chart{suffix}"
    code, text = check(LOG, "--schedule", "linear(5e-5, 0, steps=700)", "-o", path)
    assert code == 1
    assert path.stat().st_size > 5_000
    assert text.endswith(f"Wrote {path}\n")


def test_bad_input(tmp_path: Path):
    assert check(LOG)[0] == 2
    code, text = check(LOG, "--schedule", MEANT, "--schedule", MEANT)
    assert code == 2
    assert "check takes one schedule, got 2" in text
    empty = tmp_path / "empty.csv"
    empty.write_text("")
    assert check(empty, "--schedule", MEANT)[0] == 2
    assert check(LOG, "--schedule", MEANT, "--lag", "x")[0] == 2
