import pytest

from glissando.studies import progress
from glissando.studies.progress import Progress
from glissando.studies.runs.store import Store
from studies.engines.trainings import constant


def test_a_log_says_how_far_a_run_is(tmp_path):
    store, run = Store(tmp_path), constant()
    assert store.reached(run) == 0
    store.of(run).mkdir(parents=True)
    log = store.of(run) / "steps.jsonl"
    log.write_text("")
    assert store.reached(run) == 0
    lines = "".join(f"[{step}, 0.1234567890123456, 1e-05]\n" for step in range(1, 1000))
    log.write_text(f"{lines}[1000, 0.1")
    assert store.reached(run) == 999
    log.write_text("[7, null, null]\n")
    assert store.reached(run) == 7


def test_the_bar_moves_within_a_run_and_never_back(monkeypatch, capsys):
    monkeypatch.setattr(progress, "LOOK", 0.01)
    reached = {"step": 25}
    runs = [constant(seed) for seed in range(2)]  # of 40 steps
    with Progress(100, 180, lambda run: reached["step"] * (run.seed == 0), shown=True) as bar:
        bar.begin("a stage", runs)
        while bar.bar.n < 125:
            pass
        reached["step"] = 5  # it goes on from an earlier checkpoint
        bar.end(runs[1])
        assert bar.bar.n == 140
        bar.end(runs[0])
        assert bar.bar.n == 180
    assert "a stage" in capsys.readouterr().err


@pytest.mark.parametrize("shown", [True, False])
def test_a_bar_is_only_where_it_is_asked_for(shown, capsys):
    with Progress(0, 40, lambda _: 0, shown=shown) as bar:
        bar.begin("a stage", [constant()])
        bar.end(constant())
    assert bool(capsys.readouterr().err) == shown
