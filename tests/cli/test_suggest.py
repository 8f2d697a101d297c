"""`glissando suggest`: a schedule, its reasons and its doubts; written to a file if wanted."""

import json

import pytest
from click.testing import CliRunner

import glissando as gl
from glissando.cli import main


def run(*arguments, code=0):
    result = CliRunner().invoke(main, ["suggest", *map(str, arguments)])
    assert result.exit_code == code, result.output
    return result.stdout if code == 0 else result.stderr


def test_it_prints_the_schedule_and_what_it_rests_on():
    text = run("--optimizer", "adamw", "--steps", "1e4")
    assert text == f"{gl.suggest('adamw', 10_000)}\n"
    assert gl.parse(text.splitlines()[0]).steps == 10_000


def test_json_is_what_the_function_returns():
    options = ["--limit", 0.3, "--open", "--steps", 500, "--batch", 8, "--fine-tuning", "--json"]
    expected = gl.suggest(
        steps=500, limit=0.3, open_ended=True, batch=8.0, task="fine-tuning"
    ).to_data()
    assert json.loads(run(*options)) == json.loads(json.dumps(expected))


def test_a_peak_is_moved_from_its_schedule():
    text = "linear(1, 0, steps=1000)"
    found = gl.suggest(steps=1000, peak=1e-3, tuned_for=gl.parse(text))
    assert run("--steps", 1000, "--peak", 1e-3, "--tuned-for", text) == f"{found}\n"


@pytest.mark.parametrize("suffix", [".json", ".yaml", ".toml"])
def test_the_schedule_is_written_to_a_file(tmp_path, suffix):
    path = tmp_path / f"rate{suffix}"
    assert run("--optimizer", "sgd", "--steps", 90, "-o", path).endswith(f"\nWrote {path}\n")
    assert gl.load(path) == gl.suggest("sgd", 90).schedule
    json.loads(run("--json", "-o", path))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--optimizer", "adamm"], "did you mean 'adam'?"),
        (["--limit", "nan"], "`limit` must be a number, got nan"),
        (["--limit", "-1"], "--limit"),
        (["--tuned-for", "constant(1)"], "`tuned_for` needs `peak`"),
        (["--tuned-for", "constant(", "--peak", "1"], "text form"),
        (["-o", "rate.txt"], "the suffix must be .json, .yaml, .yml or .toml, got '.txt'"),
    ],
)
def test_bad_input_is_one_message(options, message):
    told = run(*options, code=2)
    assert message in told
    assert "Traceback" not in told
