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

TINY = ("--epochs", "2", "--seeds", "2", "--jobs", "2")
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


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo") / "made" / "for it"
    code, out, err = run(*TINY, "--json", folder=folder)
    assert code == 0, err
    return folder, json.loads(out), err


def test_a_run_from_start_to_report(tiny):
    folder, data, err = tiny
    assert not data["partial"]
    names = set(data["budget"])
    assert {"constant", "one cycle", "cosine", "one cycle, as written"} < names
    assert len(names) == 11
    finalists = {each["name"]: each for each in data["ranking"]}
    assert names == set(finalists)
    # too few epochs to be good, but it learns: chance is one in ten
    assert 0.3 < data["winner"]["loss"]["mean"] <= 1
    assert Path(data["report"]) == folder / "report.html"
    page = (folder / "report.html").read_text("utf-8")
    assert "Partial" not in page
    command = page.split("glissando demo --data digits --epochs 2 --seeds 2 --jobs 2")
    assert len(command) > 1
    assert "the best compared with fresh seeds" in err


def test_the_command_run_again_repeats_nothing(tiny):
    folder, _, _ = tiny

    def stamps():
        return {path: path.stat().st_mtime_ns for path in folder.glob("runs/*/result.json")}

    before = stamps()
    (folder / "report.html").unlink()
    code, out, err = run(*TINY, folder=folder)
    assert code == 0, err
    assert stamps() == before
    assert f"Report: {folder / 'report.html'}" in out
    assert (folder / "report.html").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is no signal there")
def test_ctrl_c_leaves_a_partial_report_and_no_process(tmp_path):
    with start("--jobs", "2", folder=tmp_path, **{SIGN: str(tmp_path)}) as process:
        while not list(tmp_path.glob("runs/*/result.json")) and process.poll() is None:
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=300)
    assert process.returncode == 130
    assert out == ""
    assert "Traceback" not in err
    assert "Stopped" in err
    page = (tmp_path / "report.html").read_text("utf-8")
    assert "artial" in page
    assert page.rstrip().endswith("</html>")
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
        (["--seeds", "1"], "2<=x<=100"),
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
    assert str(tmp_path / "file") in result.stderr
    assert result.stderr.count("\n") == 1
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
