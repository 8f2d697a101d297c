"""What `glissando infer` finds in a log, and writes."""

import json

import pytest
from click.testing import CliRunner

import glissando as gl
from glissando.cli import main

RATE = gl.Linear(0.0, 1e-3, 500) >> gl.Cosine(1e-3, 1e-5, 9500)


@pytest.fixture
def log(tmp_path):
    path = tmp_path / "log.csv"
    lines = [f"{step},{RATE(step)!r}" for step in range(0, 10_000, 100)]
    path.write_text("\n".join(["step,lr", *lines]))
    return path


def run(*arguments):
    result = CliRunner().invoke(main, ["infer", *map(str, arguments)])
    return result.exit_code, result.stdout, result.stderr


def test_it_says_what_was_found(log):
    code, out, _ = run(log)
    assert code == 0
    assert out.startswith(f"{RATE}\nIt explains 100 rows, none off by more than ")


def test_as_json(log):
    code, out, _ = run(log, "--json")
    assert (code, json.loads(out)["schedule"]) == (0, str(RATE))


def test_it_is_written(log, tmp_path):
    path = tmp_path / "rate.yaml"
    assert run(log, "--to", "yaml", "-o", path)[:2] == (0, f"Wrote {path}\n")
    assert gl.load(path) == RATE


def test_as_python(log):
    code, out, _ = run(log, "--to", "python")
    space = {}
    exec(out, space)  # what is written is Python
    assert code == 0
    assert space["rate"](250) == RATE(250)


def test_a_file_needs_its_kind(log, tmp_path):
    code, _, error = run(log, "-o", tmp_path / "rate.py")
    assert code == 2
    assert "say what to write it as" in error
