"""Which reader reads a file, and what commands make of one."""

import pytest
from click.testing import CliRunner

import glissando as gl
from glissando.cli import main
from glissando.convert.registry import READERS, Reader

CONFIGURATION = "learning_rate: 1e-3\nlr_scheduler_type: linear\nnum_train_epochs: 2\n"


def test_a_file_of_our_own_is_loaded(tmp_path):
    file = tmp_path / "rate.yaml"
    gl.save(gl.Cosine(1e-3, 0.0, steps=10), file)
    assert gl.read(file) == gl.read(str(file)) == gl.load(file)
    file.write_text("type: torch.StepLR\nstep_size: 3\nlr: 0.1\n")
    assert gl.read(file) == gl.load(file)


def test_a_tie_is_refused(monkeypatch):
    for name in ("one", "other"):
        reader = Reader(name, lambda document: 1.0, lambda document, given: gl.Constant(1.0))
        monkeypatch.setitem(READERS, name, reader)
    with pytest.raises(gl.ScheduleError, match=r"it could be of one or other: say which by `frame"):
        gl.read({"learning_rate": 1e-3})
    assert gl.read({"learning_rate": 1e-3}, framework="one") == gl.Constant(1.0)


def test_an_unknown_file_names_what_there_is(tmp_path):
    file = tmp_path / "notes.txt"
    file.write_text("nothing")
    with pytest.raises(gl.ScheduleError, match=r"notes.txt: no framework is known .*axolotl, "):
        gl.read(file)
    with pytest.raises(gl.ScheduleError, match="`framework` must be one of"):
        gl.read(file, framework="axolotle")
    with pytest.raises(gl.ScheduleError, match=r"no framework is known for 3\.5"):
        gl.read(3.5)


def test_what_is_given_is_checked():
    with pytest.raises(gl.ScheduleError, match="read: `steps` must be"):
        gl.read({}, steps=0)
    with pytest.raises(gl.ScheduleError, match="`framework_version` must be numbers"):
        gl.read({}, framework_version="new")


def run(*arguments):
    result = CliRunner().invoke(main, list(arguments))
    return result.exit_code, result.output


def test_a_configuration_is_converted(tmp_path):
    file = tmp_path / "train.yaml"
    file.write_text(CONFIGURATION)
    command = ["convert", str(file), "--to", "text"]
    assert run(*command, "--steps", "90") == (0, "linear(0.001, 0.0, steps=90)\n")
    counted = run(*command, "--samples", "64", "--world-size", "2", "--batch-size", "4")
    assert counted == (0, "linear(0.001, 0.0, steps=16)\n")
    code, message = run(*command)
    assert code == 2
    assert "give `steps` (--steps)" in message
    assert "--plan" not in message


def test_every_command_takes_a_configuration(tmp_path):
    file = tmp_path / "train.yaml"
    file.write_text(CONFIGURATION)
    code, table = run("table", str(file), "--plan", "steps=4", "--to", "1")
    assert (code, table.split()) == (0, ["step", "rate", "0", "0.001", "1", "0.00075"])
    code, message = run("show", str(file))
    assert code == 2
    assert "the run's length by --plan" in message


def test_a_bad_file_of_our_own_is_told_as_before(tmp_path):
    file = tmp_path / "rate.json"
    file.write_text('{"type": "cosine", "start": 1, "ende": 0, "steps": 3}')
    assert "unknown field 'ende'" in run("show", str(file))[1]
    file.write_text("{")
    assert "not valid JSON" in run("show", str(file))[1]


@pytest.mark.parametrize(
    ("to", "name"),
    [("transformers", "a.py"), ("trl", "a.yaml"), ("llamafactory", "a.yaml"), ("axolotl", "a.yml")],
)
@pytest.mark.parametrize(
    "rate",
    [
        gl.Linear(0.0, 1e-3, 100) >> gl.Linear(1e-3, 0.0, 900),
        gl.Linear(0.0, 1e-3, 50) >> gl.Cosine(1e-3, 1e-4, 950),
        gl.Linear(0.0, 1e-3, 50) >> gl.Constant(1e-3, 500) >> gl.Cosine(1e-3, 0.0, 450),
        gl.Linear(0.0, 1e-3, 50) >> gl.InverseSqrt(1e-3, 50),
        gl.Constant(1e-3),
    ],
    ids=str,
)
def test_what_is_written_is_read_again(tmp_path, to, name, rate):
    file = tmp_path / name
    file.write_text(gl.write(rate, to=to).text)
    again = gl.read(file)
    expected = [rate(step) for step in range(1001)]
    assert [again(step) for step in range(1001)] == pytest.approx(expected, rel=1e-12, abs=1e-18)
