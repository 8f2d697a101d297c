"""`glissando demo`, from the command line to the report, with the real Keras."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest
from click.testing import CliRunner

from glissando.cli import main

TINY = ("--epochs", "2", "--seeds", "1", "--jobs", "2")
SIGN = "GLISSANDO_DEMO_TEST"


def start(*words, folder, **environment):
    return subprocess.Popen(
        [sys.executable, "-m", "glissando", "demo", *words, "-o", str(folder)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={name: os.environ[name] for name in os.environ if name != "KERAS_BACKEND"}
        | environment,
    )


def run(*words, folder):
    with start(*words, folder=folder) as process:
        out, err = process.communicate(timeout=300)
    return process.returncode, out, err


@pytest.fixture
def started(tmp_path, monkeypatch):
    """Counts the Python processes that have been started, by what each runs at its start."""
    log = tmp_path / "started"
    (tmp_path / "sitecustomize.py").write_text(
        f"with open({str(log)!r}, 'a') as log:\n    log.write('one more\\n')\n"
    )
    path = [str(tmp_path), os.environ.get("PYTHONPATH", "")]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, path)))
    return lambda: log.read_text().count("one more")


def stamps(folder):
    return {path.name: path.stat().st_mtime_ns for path in (folder / "runs").iterdir()}


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo") / "made" / "for it"
    code, out, err = run(*TINY, "--json", folder=folder)
    assert code == 0, err
    return folder, json.loads(out), err


def test_a_run_from_start_to_report(tiny):
    folder, data, err = tiny
    assert data["runs_done"] == data["runs"] == 12
    assert [entry["name"] for entry in data["table"]][:2] == ["Constant", "Time-based decay"]
    assert all(0.05 < entry["final_accuracy"] <= 1 for entry in data["table"])
    assert all(entry["cpu_seconds"] > 0 for entry in data["table"])
    # too few epochs to be good, but it learns: chance is one in ten
    assert max(entry["final_accuracy"] for entry in data["table"]) > 0.5
    assert data["tuned_rate"] in [trial["rate"] for trial in data["tried_rates"]]
    assert Path(data["report"]) == folder / "report.html"
    page = (folder / "report.html").read_text("utf-8")
    assert "Partial" not in page
    assert "In all 14 epochs the rate that Keras reports is the schedule's" in page
    command = page.split("<pre>")[1].split("</pre>")[0]
    assert command.startswith("KERAS_BACKEND=jax glissando demo --data digits --epochs 2 --seeds 1")
    assert "12/12" in err  # the progress bar
    assert "Tuned constant rate" in err


def test_the_command_run_again_repeats_nothing(tiny, started):
    folder, data, _ = tiny
    before = stamps(folder)
    report = folder / "report.html"
    report.unlink()
    code, out, err = run(*TINY, folder=folder)
    assert code == 0
    assert started() == 1  # none to train
    assert "nothing was trained" in err
    assert f"Report: {report}" in out
    assert report.exists()
    assert stamps(folder) == before
    assert json.loads(run(*TINY, "--json", folder=folder)[1])["table"] == data["table"]


def test_a_damaged_result_is_reported_and_only_that_run_repeated(tiny, started):
    folder = tiny[0]
    before = stamps(folder)
    # of another process, another order, and after other runs, the result is the same
    broken = max((folder / "runs").iterdir())
    whole = json.loads(broken.read_text())
    broken.write_text(broken.read_text()[:40])
    code, _, err = run(*TINY, folder=folder)
    assert code == 0
    assert started() > 1
    assert f"{broken} cannot be used" in err
    again = json.loads(broken.read_text())
    assert again["result"]["accuracy"] == whole["result"]["accuracy"]
    assert again["run"] == whole["run"]
    after = stamps(folder)
    assert {name for name in before if before[name] != after[name]} == {broken.name}


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is no signal there")
def test_ctrl_c_leaves_a_partial_report_and_no_process(tmp_path):
    with start("--jobs", "2", folder=tmp_path, **{SIGN: str(tmp_path)}) as process:
        while not list(tmp_path.glob("runs/*.json")) and process.poll() is None:
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=300)
    assert process.returncode == 130
    assert out == ""
    assert "Traceback" not in err
    assert "Stopped" in err
    stored = len(list(tmp_path.glob("runs/*.json")))
    assert stored > 0
    page = (tmp_path / "report.html").read_text("utf-8")
    assert f"<b>Partial:</b> {stored} of 36 runs are done" in page
    assert page.rstrip().endswith("</html>")
    assert {path.suffix for path in (tmp_path / "runs").iterdir()} == {".json"}
    if Path("/proc/self/environ").exists():
        assert not orphans(f"{SIGN}={tmp_path}".encode())


def orphans(mark):
    found = []
    for path in Path("/proc").glob("[0-9]*/environ"):
        with suppress(OSError):  # gone meanwhile, or another user's
            if mark in path.read_bytes():
                found.append(path)
    return found


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--epochs", "1"], "2<=x<=1000"),
        (["--epochs", "nan"], "not a valid integer"),
        (["--seeds", "0"], "1<=x<=100"),
        (["--jobs", "0"], "1<=x<=256"),
        (["--data", "mnist"], "'digits', 'fashion-mnist'"),
        (["--output"], "requires an argument"),
        (["more"], "unexpected extra argument"),
    ],
)
def test_bad_options_are_refused(words, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(main, ["demo", *words])
    assert result.exit_code == 2
    assert message in result.stderr
    assert not list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_made_is_refused(tmp_path):
    (tmp_path / "file").write_text("mine")
    result = CliRunner().invoke(main, ["demo", "-o", str(tmp_path / "file" / "demo")])
    assert result.exit_code == 2
    assert (
        result.stderr == f"Error: cannot write to {tmp_path / 'file' / 'demo'}: Not a directory\n"
    )
    assert (tmp_path / "file").read_text() == "mine"


def test_a_foreign_backend_is_refused(tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "theano")
    result = CliRunner().invoke(main, ["demo", "-o", str(tmp_path / "demo")])
    assert result.exit_code == 2
    assert result.stderr.startswith("Error: KERAS_BACKEND=theano")
    assert result.stderr.count("\n") == 1
    assert not (tmp_path / "demo").exists()


def test_help_has_an_example():
    result = CliRunner().invoke(main, ["demo", "--help"])
    assert result.exit_code == 0
    assert "Example: glissando demo" in result.stdout
