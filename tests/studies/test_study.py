"""A study from a user's function, or a file, to the answer."""

import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from click.testing import CliRunner

import glissando as gl
from glissando.cli import main

STEPS = 400
OPTIONS = {"steps": STEPS, "peaks": [0.03, 0.3], "seeds": 3, "progress": False}

TRAINING = '''
import os, time
import numpy as np

def train(schedule, seed, resume, report):
    """A quadratic with noise: what falls at the end of a run is worth most."""
    curvature = np.arange(1, 31) ** -1.2
    noise = np.random.default_rng(seed).normal(size=(int(schedule.steps), 30))
    weight = np.ones(30)
    for step in range(int(schedule.steps)):
        gradient = curvature * weight + 0.3 * np.sqrt(curvature) * noise[step]
        weight = weight - schedule(step) * gradient
        if (step + 1) % 20 == 0:
            report(step + 1, float(curvature @ weight**2))
            time.sleep(float(os.environ.get("PAUSE", 0)))
    with open("{witness}", "a") as file:
        file.write(f"{{schedule!r}} {{seed}}\\n")
    return float(curvature @ weight**2)
'''


@pytest.fixture(scope="module")
def studied(tmp_path_factory):
    """A folder with a study's file and its training, and the answer of the command."""
    folder = tmp_path_factory.mktemp("study")
    (folder / "my_quadratic.py").write_text(TRAINING.format(witness=folder / "witness"))
    (folder / "study.toml").write_text(
        f"""
        train = "my_quadratic.py:train"
        steps = {STEPS}
        peaks = [0.03, 0.3]
        seeds = 3
        jobs = 2
        [schedules]
        constant = "constant(1)"
        linear = "linear(1, 0, steps={STEPS})"
        cosine = "cosine(1, 0, steps=rest)"
        slow = {{type = "on_plateau", schedule = "constant(1)", plateau = {{type = "plateau"}}}}
        """
    )
    return folder, run("--json", folder=folder)


def run(*words, folder, **environment):
    process = start(*words, folder=folder, **environment)
    out, err = process.communicate(timeout=300)
    return process.returncode, out, err


def start(*words, folder, **environment):
    return subprocess.Popen(
        [sys.executable, "-m", "glissando", "study", "study.toml", *words],
        cwd=folder,
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def made(folder):
    return (folder / "witness").read_text().splitlines()


def test_a_file_becomes_an_answer(studied):
    folder, (code, out, err) = studied
    assert code == 0, err
    found = json.loads(out)
    assert found["winner"]["name"] in ("linear", "cosine")
    assert not found["partial"]
    assert found["report"] == "study/report.html"
    assert "the best compared with fresh seeds" in err
    assert len(made(folder)) == len(set(made(folder)))
    written = {path.name for path in (folder / "study").iterdir()}
    assert {"report.html", "runs.parquet", "steps.parquet", "winner.yaml", "winner.py"} <= written
    winner = gl.load(folder / "study" / "winner.yaml")
    peak = found["winner"]["peak"]
    assert winner.steps == STEPS
    assert winner(np.arange(STEPS)).max() == pytest.approx(peak)
    assert "glissando study study.toml --json" in (folder / "study" / "report.html").read_text()


def test_the_same_command_makes_nothing_twice(studied):
    folder, (_, out, _) = studied
    before = made(folder)
    code, again, err = run("--json", folder=folder)
    assert code == 0, err
    assert json.loads(again)["winner"] == json.loads(out)["winner"]
    assert made(folder) == before


def test_another_training_function_is_refused(studied):
    folder, _ = studied
    path = folder / "my_quadratic.py"
    text = path.read_text()
    try:
        path.write_text(text.replace("0.3 *", "0.4 *"))
        code, out, err = run(folder=folder)
        assert (code, out) == (2, "")
        assert "results of another version of the training function" in err
    finally:
        path.write_text(text)


def test_a_dry_run_says_what_it_takes(studied):
    folder, _ = studied
    code, out, err = run("--dry-run", "-o", "dry", folder=folder)
    assert code == 0, err
    assert "in all" in out
    assert "One run says" in out
    assert len(list((folder / "dry" / "runs").glob("*/result.json"))) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is no signal there")
def test_ctrl_c_leaves_a_partial_report(studied):
    folder, _ = studied
    with start("-o", "stopped", folder=folder, PAUSE="0.01") as process:
        runs = folder / "stopped" / "runs"
        while process.poll() is None and not list(runs.glob("*/result.json")):
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=120)
    assert (process.returncode, out) == (130, ""), err
    assert "Traceback" not in err
    assert "continue by the same command" in err
    assert "artial" in (folder / "stopped" / "report.html").read_text()


def test_python_gives_the_same_answer(studied, tmp_path):
    _, (_, out, _) = studied
    names = {}
    exec(TRAINING.format(witness=tmp_path / "witness"), names)
    schedules = {
        "constant": gl.Constant(1.0),
        "linear": gl.Linear(1.0, 0.0, STEPS),
        "cosine": gl.Cosine(1.0, 0.0, STEPS),
        "slow": gl.Plateau("torch").on(gl.Constant(1.0)),
    }
    found = gl.study(names["train"], schedules, folder=tmp_path / "study", **OPTIONS)
    expected = json.loads(out)["winner"]
    assert (found.winner.name, found.winner.peak) == (expected["name"], expected["peak"])
    assert str(found).splitlines()[0].startswith(found.winner.name)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"steps": 0}, "`steps` must be 1 or more, got 0"),
        ({"peaks": None}, "`peaks` must be a list of rates to begin with"),
        ({"peaks": [0.1, -1]}, "`peaks`"),
        ({"seeds": 1}, "`seeds` must be .*2"),
        ({"goal": "low"}, "`goal` must be"),
        ({"literal": ["other"]}, "`literal` must be names of schedules"),
        ({"budget": 0.01}, "budget"),
        ({"jobs": 0}, "`jobs`"),
        ({"changed": "no"}, "`changed` must be"),
    ],
)
def test_bad_arguments_are_named(change, words, tmp_path):
    with pytest.raises(gl.ScheduleError, match=words):
        gl.study(len, folder=tmp_path / "study", **OPTIONS | change)


def test_a_missing_file_is_named(tmp_path):
    result = CliRunner().invoke(main, ["study", str(tmp_path / "no.toml")])
    assert result.exit_code == 2
    assert "no.toml" in result.stderr
    assert result.stderr.count("\n") == 1
