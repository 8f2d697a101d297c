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


def test_the_trainers_own_configuration_with_what_it_does_not_hold(tmp_path):
    config = tmp_path / "args.yaml"
    config.write_text(
        "epochs: 100\nbatch: 16\nnbs: 64\noptimizer: auto\nlr0: 0.001\nlrf: 0.01\n"
        "warmup_epochs: 3.0\nwarmup_bias_lr: 0.1\n"
    )
    log = LOG.with_name("yolo_auto_100.results.csv")
    code, text = check(log, "--schedule", config)
    assert code == 2
    assert "does not say `steps_per_epoch` (--steps-per-epoch)" in text
    assert "glissando convert" not in text
    told = ("--steps-per-epoch", 144, "--samples", 2304, "--classes", 1)
    code, text = check(log, "--schedule", config, *told)
    assert code == 0
    assert "row s holds the rate of the last update of epoch s − 1, of 144 updates" in text
    config = tmp_path / "train.json"
    config.write_text(
        '{"learning_rate": 1e-4, "lr_scheduler_type": "linear", "num_train_epochs": 5}'
    )
    told = ("--steps-per-epoch", 150, "--world-size", 2)
    code, text = check(LOG, "--schedule", config, *told)
    assert (code, "(the number of processes)" in text) == (1, True)


def test_two_lengths_of_an_epoch_are_refused():
    told = ("--per-epoch", 100, "--steps-per-epoch", 144)
    code, text = check(LOG, "--schedule", "constant(0.1)", *told)
    assert (code, "--per-epoch and --steps-per-epoch say the same" in text) == (2, True)
