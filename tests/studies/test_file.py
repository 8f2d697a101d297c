import pytest

import glissando as gl
from glissando.studies.file import read_study

TRAIN = "def train(schedule, seed, resume, report):\n    return helper.LOSS\nimport helper\n"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr("sys.path", list(__import__("sys").path))
    (tmp_path / "my_training.py").write_text(TRAIN)
    (tmp_path / "helper.py").write_text("LOSS = 2.5\n")
    gl.save(gl.Constant(0.5), tmp_path / "flat.yaml")
    return tmp_path


def write(folder, text):
    path = folder / "study.toml"
    path.write_text(text)
    return path


def test_a_file_has_the_arguments_of_a_study(folder):
    plateau = '{type = "on_plateau", schedule = "constant(1)", plateau = {type = "plateau"}}'
    found = read_study(
        write(
            folder,
            f"""
            train = "my_training.py:train"
            steps = 1000
            peaks = [1e-3, 1e-2]
            [schedules]
            warm = "linear(0, 1, steps=5%) >> cosine(1, 0, steps=rest)"
            flat = "flat.yaml"
            plateau = {plateau}
            """,
        )
    )
    assert found["train"](None, 0, None, None) == 2.5
    assert found["schedules"] == {
        "warm": gl.Linear(0.0, 1.0, 50) >> gl.Cosine(1.0, 0.0, 950),
        "flat": gl.Constant(0.5),
        "plateau": gl.Plateau("torch").on(gl.Constant(1.0)),
    }
    assert (found["steps"], found["peaks"]) == (1000, [1e-3, 1e-2])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("steps = 5", "`train` is missing"),
        ('train = "my_training.py:train"\nstep = 5', "did you mean 'steps'"),
        ('train = "my_training.py"\nsteps = 5', '`train` must be "file.py:function"'),
        ('train = "nothing.py:train"\nsteps = 5', "there is no file"),
        ('train = "my_training.py:nothing"\nsteps = 5', "has no function 'nothing'"),
        ('train = "no_such_module:train"\nsteps = 5', "cannot be imported"),
        ('train = "my_training.py:train"\nsteps = 5\nschedules = 3', "`schedules` must be a table"),
        (
            'train = "my_training.py:train"\nsteps = 5\n[schedules]\na = "cosin(1, 0, 5)"',
            "schedule 'a'.*cosin",
        ),
        ("train = ", "must be TOML"),
    ],
)
def test_what_is_no_study(folder, text, words):
    with pytest.raises(gl.ScheduleError, match=words):
        read_study(write(folder, text))
