"""When a run has failed because its process was killed again and again."""

from glissando.studies.engines.deaths import Deaths
from glissando.studies.runs.checkpoints import Checkpoints
from glissando.studies.runs.store import Store
from glissando.studies.runs.worker import give_up
from studies.engines.trainings import runs


def test_a_run_fails_by_deaths_without_a_new_checkpoint_between(tmp_path):
    run, other = runs()[:2]
    checkpoints, deaths = Checkpoints(tmp_path, run, share=False), Deaths(tmp_path)
    for step in (10, 20, 30):
        assert not deaths.are_too_many(run)
        assert not deaths.are_too_many(run)
        checkpoints.write(step, lambda folder: (folder / "state").touch())
    assert [deaths.are_too_many(run) for _ in range(3)] == [False, False, True]
    assert [deaths.are_too_many(other) for _ in range(3)] == [False, False, True]


def test_a_run_that_never_began_is_given_up(tmp_path):
    store = Store(tmp_path / "study")
    store.open({"code": "1"})
    run = runs()[0]
    assert give_up(store, run, "killed") == store.outcome(run)
    assert store.outcome(run).error == "killed"
