"""What an audit says of real logs, of seeded faults, and of what is no fault."""

import json
from pathlib import Path

import numpy as np
import pytest

import glissando as gl
from glissando.logs.logged import LoggedRates
from tests.checks.faults import FAULTS, case

LOGS = Path(__file__).parents[1] / "data/logs"

MEANT = gl.Linear(0.0, 1e-3, 50) >> gl.Cosine(1e-3, 1e-5, 950)

DETECTRON2 = gl.Linear(1e-7, 1e-5, 1000) >> gl.Piecewise([1e-5, 1e-6], [1000])

YOLO = (gl.Linear(0.0, 1.0, 432) >> gl.Constant(1.0)) * gl.Linear(2e-3, 2e-5, 100).hold_each(144)

REAL = [
    ("csv_steplr_6_decimals.csv", gl.dialects.torch.StepLR(8, lr=1e-3), 0, "epoch", 4),
    ("d2_milestone_in_warmup.metrics.json", DETECTRON2, 0, "update", 12),
    ("events.out.tfevents.1737181496.host.1.0", DETECTRON2, 0, "update", 8),
    ("hf_linear_sparse.trainer_state.json", gl.Linear(2e-5, 0.0, 5490), 0, "update", 12),
    ("hf_linear_used_rate.trainer_state.json", gl.Linear(5e-5, 0.0, 750), 1, "update", 12),
    ("keras_csv_plateau_a.csv", gl.Piecewise([1e-5, 2e-6, 1e-6], [5, 10]), 0, "epoch", 8),
    ("lightning_missing_cells.metrics.csv", gl.Constant(0.003), 0, "update", 12),
    (
        "megatron_cosine.out",
        gl.Linear(0.0, 1.5e-4, 8) >> gl.Cosine(1.5e-4, 1e-5, 792),
        0,
        "update",
        4,
    ),
    ("mmengine_multistep.scalars.json", gl.Piecewise([0.02, 2e-3], [30 * 69]), 1, "update", 12),
    (
        "wandb_cosine_78.wandb",
        gl.Linear(0.0, 2e-5, 3) >> gl.Cosine(2e-5, 0.0, 77),
        -1,
        "update",
        12,
    ),
    ("yolo_auto_100.results.csv", YOLO, 1, "epoch", 6),
]


def log(steps, rates, lags=(1, 0), **more) -> LoggedRates:
    """Return a log of exact rates."""
    steps, rates = np.array(steps, float), np.array(rates, float)
    return LoggedRates(
        steps, rates, np.abs(rates) * 1e-12, np.arange(len(steps)) + 1, "test", lags, **more
    )


@pytest.mark.parametrize(("name", "meant", "lag", "clock", "digits"), REAL)
def test_a_real_log_matches_with_its_lag(name: str, meant, lag: int, clock: str, digits: int):
    verdict = gl.audit(LOGS / name, meant)
    assert verdict.matches, str(verdict)
    assert (verdict.lag, verdict.clock) == (lag, clock)
    assert abs(verdict.digits - digits) <= 1
    assert verdict.cause is None
    assert verdict.first is None


def test_skipped_updates_of_a_real_log_are_named_with_their_rows():
    meant = gl.Cosine(5e-5, 0.0, 8712)
    verdict = gl.audit(LOGS / "lf_cosine_old_key_skips.trainer_log.jsonl", meant)
    assert not verdict
    assert verdict.cause.name == "skipped updates"
    places = verdict.cause.parameters["places"]
    assert [(one["after"], one["before"]) for one in places] == [(105, 110), (110, 115)]
    assert verdict.first.step == 110
    assert verdict.rows.told[-1] == pytest.approx(verdict.rows.logged[-1], rel=1e-9)


def test_a_real_milestone_inside_the_warm_up_is_told():
    naive = gl.Linear(1e-7, 1e-4, 1000) >> gl.Piecewise([1e-5, 1e-6], [1000])
    verdict = gl.audit(LOGS / "d2_milestone_in_warmup.metrics.json", naive)
    assert verdict.cause.name == "milestone inside the warm-up"
    assert verdict.cause.parameters == {"warmup": 1000, "aim": 1e-5}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_seeded_fault_is_told(fault: str):
    told = []
    for seed in (100, 101, 102):
        found = case(seed, fault)
        verdict = gl.audit(found.log, found.meant, **found.options)
        assert not verdict
        told.append(verdict.cause and verdict.cause.name)
        if told[-1] == fault:
            fits = np.abs(verdict.rows.told - verdict.rows.logged)
            assert np.all(fits <= 1e-3 * verdict.rows.logged.max())
            for name in {"late", "times", "since"} & found.details.keys():
                near = verdict.cause.parameters.get(name, found.details[name])
                assert abs(near - found.details[name]) <= 20
    assert told.count(fault) >= 2, told


def test_no_clean_run_is_flagged():
    for seed in range(30):
        found = case(seed)
        verdict = gl.audit(found.log, found.meant)
        assert verdict, f"{seed}: {verdict}"


def test_what_only_counts_is_no_fault():
    early, late = list(range(10, 501, 10)), list(range(410, 1001, 10))
    rates = [MEANT(step - 1) for step in early]
    resumed = gl.audit(log(early + late, rates + [MEANT(s - 1) for s in late]), MEANT)
    assert resumed.matches
    assert resumed.notes
    anew = gl.audit(log(early * 2, rates + [MEANT(s + 499) for s in early]), MEANT)
    assert anew.matches
    assert "counted anew from line 51" in anew.notes[0]
    from_0 = gl.audit(log(list(range(10)) * 4, MEANT(np.arange(40)), lags=(0,)), MEANT)
    assert from_0.matches
    assert from_0.rows.update[-1] == 39
    twice = gl.audit(log(sorted(early * 2), np.repeat(rates, 2)), MEANT)
    assert twice.matches


def test_two_processes_that_do_not_agree():
    steps = np.repeat(np.arange(10, 501, 10), 2)
    rates = [MEANT(s - 1) * (1 + i % 2) for i, s in enumerate(steps.tolist())]
    assert gl.audit(log(steps, rates), MEANT).cause.name == "two processes writing"


def test_a_warm_up_is_repeated_in_rows_that_are_there_twice():
    early, late = list(range(10, 501, 10)), list(range(410, 1001, 10))
    rates = [MEANT(s - 1) for s in early] + [MEANT(s - 401) for s in late]
    verdict = gl.audit(log(early + late, rates), MEANT)
    assert verdict.cause.name == "warm-up repeated"
    assert verdict.cause.parameters["since"] == 400


def test_means_of_epochs():
    epochs = np.arange(20)
    means = [np.mean(MEANT(np.arange(50.0) + 50 * epoch)) for epoch in epochs]
    options = {"lags": (0,), "clock": "epoch", "mean": True}
    found = gl.audit(log(epochs, means, **options), MEANT)
    assert found.matches
    assert "of 50 updates" not in found.reading
    assert "50 updates" in found.reading
    half = [mean * (0.5 if epoch > 9 else 1) for epoch, mean in enumerate(means)]
    verdict = gl.audit(log(epochs, half, **options), MEANT, per_epoch=50)
    assert (verdict.cause.name, verdict.cause.since) == ("changed by hand", 500)


def test_a_mean_over_batches_of_a_rate_that_is_set_at_some_of_them():
    meant = gl.Linear(0.0, 1e-3, 405) >> gl.Cosine(1e-3, 0.0, 1215)
    batches = np.arange(81) // 18 * 18
    rates = [np.mean(meant(81 * epoch + batches)) for epoch in range(20)]
    epochs = log(range(20), rates, lags=(0,), clock="epoch", mean=True)
    verdict = gl.audit(epochs, meant, per_epoch=81, accumulation=18)
    assert verdict.matches
    assert "the mean over the 81 batches of epoch s" in verdict.reading
    assert not gl.audit(epochs, meant, per_epoch=81)


def test_steps_that_are_counted_anew_in_each_epoch():
    meant = gl.Linear(0.0, 1e-3, 70) >> gl.Piecewise([1e-3, 1e-4], [123 * 8 - 70])
    epochs = np.repeat(np.arange(10.0), 12)
    steps = epochs * 120 + np.tile(np.arange(10, 130, 10), 10)
    rates = meant(steps + 3 * epochs - 1)
    anew = log(steps, rates, lags=(1,), epochs=epochs, lengths=(120, 129))
    verdict = gl.audit(anew, meant)
    assert verdict.matches
    assert "one is taken to have 122 updates, and up to 123 would do as well" in verdict.notes[0]
    assert gl.audit(anew, meant, per_epoch=123).rows.update[-1] == 123 * 9 + 119
    assert gl.audit(anew, meant, per_epoch=129).first.update == 129 * 7 + 90 - 1
    with pytest.raises(gl.ScheduleError, match="`per_epoch` must be 120 or more"):
        gl.audit(anew, meant, per_epoch=100)


def test_columns_of_a_path_are_named(tmp_path):
    path = tmp_path / "own.csv"
    path.write_text("k,eta\n0,0.100\n1,0.090\n2,0.080\n")
    with pytest.raises(gl.ScheduleError, match="no column has the usual name of a rate"):
        gl.audit(path, gl.Linear(0.1, 0.0, 10))
    assert gl.audit(path, gl.Linear(0.1, 0.0, 10), step="k", rate="eta").matches


def test_the_updates_that_a_log_counts_as_skipped_are_the_cause():
    steps = np.arange(10, 200, 10)
    skipped = np.where(steps < 30, 10, 12)
    verdict = gl.audit(log(steps, MEANT(steps - skipped), lags=(0,), skipped=skipped), MEANT)
    assert verdict.cause.name == "skipped updates"
    assert "as the log counts them" in verdict.cause.sentence
    places = [(p["step"], p["skipped"]) for p in verdict.cause.parameters["places"]]
    assert places == [(10, 10), (30, 2)]


def test_a_row_between_a_restart_and_the_first_that_differs_must_fit_it_too():
    meant = (gl.Linear(0.0, 1.0, 165) >> gl.Constant(1.0)) * gl.Linear(0.01, 1e-4, 25).hold_each(55)
    steps = np.arange(25) * 55 + 54
    rates = [*meant(steps[:4]), *meant(steps[4:] - 55)]
    verdict = gl.audit(log(steps, rates, lags=(0,)), meant)
    assert verdict.cause.name == "shifted"
    assert "warm-up repeated" not in [other.name for other in verdict.others]


def test_rows_of_epochs_and_a_schedule_of_updates():
    epochs = np.arange(20)
    ends = log(epochs, [MEANT(50 * e + 49) for e in epochs.tolist()], lags=(0,), clock="epoch")
    assert "last update of epoch s, of 50 updates" in gl.audit(ends, MEANT).reading
    wrong = log(epochs, [MEANT(e) for e in epochs.tolist()], lags=(0,), clock="epoch")
    assert gl.audit(wrong, MEANT, per_epoch=50).cause.name == "epochs for updates"


def test_what_nothing_explains_is_called_so():
    rates = [MEANT(k) * (1 + (k > 400) * 0.3 * ((k * 7919) % 13)) for k in range(900)]
    verdict = gl.audit(log(range(900), rates, lags=(0,)), MEANT)
    assert verdict.cause is None
    assert not verdict
    assert verdict.explained[0] == 0
    assert 400 <= verdict.explained[1] < 420
    assert f"unexplained from step {verdict.first.step:.0f}" in str(verdict)


def test_what_a_log_cannot_tell_is_said():
    verdict = gl.audit(([10, 20, 30], [0.1, 0.1, 0.1]), gl.Constant(0.1))
    assert verdict.matches
    assert "lags of 1 and -1 would fit as well" in verdict.doubts[0]
    stopped = gl.audit(([0, 1], [0.1, 0.09]), gl.Linear(0.1, 0.0, 10))
    assert "the schedule has 10, and the log ends" in stopped.doubts[0]


def test_texts_say_how_exact_they_are():
    assert gl.audit(([0, 1, 2], ["0.333", "0.222", "0.111"]), gl.Linear(1 / 3, 0.0, 3))
    assert not gl.audit(([0, 1, 2], ["0.3330", "0.2222", "0.1111"]), gl.Linear(1 / 3, 0.0, 3))


def test_the_rate_that_was_used_is_told_apart():
    rates = [MEANT(step) for step in range(10, 101, 10)]
    verdict = gl.audit(log(range(10, 101, 10), rates), MEANT)
    assert verdict.used == (99, MEANT(99), False)
    used = gl.audit(log(range(10, 101, 10), [MEANT(s - 1) for s in range(10, 101, 10)]), MEANT)
    assert used.used == (99, MEANT(99), True)


def test_data_and_pictures():
    rates = [MEANT(k) * (0.5 if k > 400 else 1) for k in range(1000)]
    verdict = gl.audit(log(range(1000), rates, lags=(0,)), MEANT)
    data = json.loads(json.dumps(verdict.to_data(), allow_nan=False))
    assert data["cause"]["parameters"]["factor"] == 0.5
    assert data["first"]["update"] == data["cause"]["since"] == 401
    figure = verdict.plot()
    assert [trace.name for trace in figure.data] == ["meant", "logged"]
    assert figure.layout.shapes[-1].x0 == 401
    assert verdict.plot(backend="matplotlib").axes[0].get_title() == ""


@pytest.mark.parametrize(
    ("arguments", "options", "words"),
    [
        (([1], []), {}, "audit: `log` must be steps and as many rates"),
        (([1], [float("nan")]), {}, "audit: `log` must have a row with a step and a rate"),
        (([1], [0.1]), {"world_size": 0}, "audit: `world_size` must be 1 or more"),
        (([1], [0.1]), {"clock": "day"}, "audit: `clock` must be"),
        (([1], [0.1]), {"lag": 0.5}, "audit: `lag` must be a whole number"),
    ],
)
def test_bad_arguments(arguments, options, words: str):
    with pytest.raises(gl.ScheduleError, match=words):
        gl.audit(arguments, MEANT, **options)
    with pytest.raises(gl.ScheduleError, match="audit: `schedule` must be a schedule"):
        gl.audit(([0], [0.1]), 0.1)
