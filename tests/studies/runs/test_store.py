"""The folder of a study: what is taken for one, and what is kept in it."""

import json
import weakref

import pytest

import glissando as gl
from glissando.studies.runs.run import Outcome
from glissando.studies.runs.store import Store
from studies.engines.trainings import constant

MANY = 2000


@pytest.fixture
def store(tmp_path):
    found = Store(tmp_path / "study")
    found.open({"code": "1"})
    return found


def test_a_folder_with_other_files_is_not_touched(tmp_path):
    (tmp_path / "mine").write_text("mine")
    with pytest.raises(gl.ScheduleError, match="has other files in it and no study"):
        Store(tmp_path).open({"code": "1"})
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_what_a_kill_in_the_first_moment_leaves_is_no_other_file(tmp_path):
    (tmp_path / ".glissando-0f").write_text("{")
    Store(tmp_path).open({"code": "1"})
    assert json.loads((tmp_path / "study.json").read_text())["task"] == {"code": "1"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{}", "is not the file of a study"),
        ("no", "is not the file of a study"),
        ('{"glissando_study": 2, "task": {"code": "1"}}', "must be of version 1, got 2"),
    ],
)
def test_another_study_json_is_not_touched(text, words, tmp_path):
    (tmp_path / "study.json").write_text(text)
    with pytest.raises(gl.ScheduleError, match=words):
        Store(tmp_path).open({"code": "1"})
    assert (tmp_path / "study.json").read_text() == text


def test_results_of_other_code_are_refused_unless_they_are_to_count(store):
    store.save(constant(), Outcome(0.5))
    with pytest.raises(gl.ScheduleError, match=r'choose another folder, or .* changed="keep"'):
        Store(store.folder).open({"code": "2"})
    Store(store.folder).open({"code": "2"}, changed="keep")
    assert store.outcome(constant()) == Outcome(0.5)
    Store(store.folder).open({"code": "2"})


def test_checkpoints_of_other_code_are_not_gone_on_from(store):
    checkpoint = store.of(constant()) / "checkpoints" / "10"
    checkpoint.mkdir(parents=True)
    Store(store.folder).open({"code": "1"})
    assert checkpoint.exists()
    Store(store.folder).open({"code": "2"})
    assert not checkpoint.exists()


def test_a_finished_study_can_be_read_where_nothing_can_be_written(store, monkeypatch):
    def barred(*_):
        raise PermissionError

    monkeypatch.setattr("glissando.studies.runs.store.write_whole", barred)
    Store(store.folder).open({"code": "1"})
    with pytest.raises(PermissionError):
        Store(store.folder).open({"code": "2"})


@pytest.mark.parametrize("text", ["", '{"run"', "[]", "null", '{"run": {}}', '{"outcome": 3}'])
def test_a_damaged_result_counts_as_none(text, store):
    store.save(constant(), Outcome(0.5))
    (store.of(constant()) / "result.json").write_text(text)
    assert store.outcome(constant()) is None
    assert (store.known(), list(store.outcomes())) == ({}, [])


def test_a_removed_folder_is_not_made_again(store):
    store.runs.rmdir()
    with pytest.raises(FileNotFoundError):
        store.save(constant(), Outcome(0.5))


def test_many_runs_are_read_one_by_one(store, monkeypatch):
    monkeypatch.setattr("os.fsync", lambda _: None)
    (store.runs / ".DS_Store").touch()
    made = {}
    for seed in range(MANY):
        made[constant(seed).key] = store.save(constant(seed), Outcome(1.0 + seed, updates=seed))
    assert store.known() == made
    outcomes = store.outcomes()
    first = next(outcomes)
    assert (first[0].key, first[1]) == min(made.items())
    gone = weakref.ref(first[0])
    del first
    assert sum(1 for _ in outcomes) == MANY - 1
    assert gone() is None


def test_a_line_that_was_being_written_is_not_read(store):
    store.of(constant()).mkdir()
    assert store.logged(constant()).steps == []
    path = store.of(constant()) / "steps.jsonl"
    path.write_text('[1, 0.5, 0.1]\n[2, "inf", null]\n[3, 0.')
    assert store.logged(constant()) == ([1, 2], [0.5, float("inf")], [0.1, None])
