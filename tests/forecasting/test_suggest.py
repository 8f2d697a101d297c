"""A schedule from whatever is known: each choice with its evidence, and how weak that is."""

import json
import math
import subprocess
import sys
from types import SimpleNamespace

import pytest

import glissando as gl
from glissando.forecasting.rules_of_thumb import OPTIMIZERS


def answer(limit, low, high, top=None, doubts=()):
    """What a finder returns, as far as it is read."""
    return SimpleNamespace(
        limit=SimpleNamespace(value=limit, low=limit / 2, high=top or 2 * limit),
        interval=SimpleNamespace(low=low, high=high),
        doubts=doubts,
    )


def peak(suggestion):
    return max(suggestion.schedule(step) for step in range(0, 3000, 10))


def test_with_nothing_known_it_says_which_rules_it_uses():
    found = gl.suggest()
    assert found.schedule.open_part is not None
    assert peak(found) == 1e-3
    assert "AdamW is assumed" in found.doubts[0]
    assert "rule of thumb" in found.doubts[1]
    assert "length of the run is not known" in found.doubts[2]


@pytest.mark.parametrize("steps", [1, 2, 3, 20, 10_000, 10**9])
def test_a_known_horizon_has_a_long_straight_decay_to_zero(steps):
    schedule = gl.suggest("adamw", steps).schedule
    assert schedule.steps == steps
    assert schedule(steps) == 0 < schedule(steps - 1)
    assert schedule(0) > 0
    if steps >= 10_000:
        assert schedule(round(0.4 * steps)) == 1e-3 == schedule(2000 if steps > 40_000 else 500)
        assert schedule(round(0.7 * steps)) == pytest.approx(0.5e-3)
        assert gl.lint(schedule) == []


def test_an_open_end_can_be_set_at_any_time():
    found = gl.suggest("adamw", 10_000, open_ended=True)
    assert found.schedule.steps == math.inf
    finished = found.schedule.finish(steps=50_000)
    assert (finished(48_000), finished(50_000)) == (1e-3, 0)
    assert not any("not known" in doubt for doubt in found.doubts)


def test_every_choice_has_its_evidence():
    for found in (gl.suggest("adamw", 1000), gl.suggest("sgd"), gl.suggest("lion", limit=0.1)):
        starts = [reason.split()[0] for reason in found.reasons]
        assert starts == ["Peak", "Warm-up", "Shape:", "Cooldown", "Floor"]
        for reason in found.reasons[1:4]:
            assert "arXiv:" in reason or "modded-nanogpt" in reason


@pytest.mark.parametrize("name", OPTIMIZERS)
@pytest.mark.parametrize("task", ["training", "fine-tuning"])
def test_every_optimizer_has_a_usual_peak_with_a_source(name, task):
    found = gl.suggest(name, 2000, task=task)
    known = OPTIMIZERS[name]
    usual = known.rate if task == "training" else known.fine
    assert peak(found) == usual
    assert f"Peak {usual:g}, the usual one of {name} for {task}: " in found.reasons[0]
    assert "rule of thumb" in found.doubts[0]


def test_an_optimizer_is_known_by_its_object_too():
    class AdamW:
        pass

    assert gl.suggest(AdamW(), 100) == gl.suggest(AdamW, 100) == gl.suggest("AdamW", 100)


def test_the_usual_peak_of_sgd_goes_with_the_batch():
    assert peak(gl.suggest("sgd", 1000, batch=1024)) == 0.4
    assert any("`batch` had no say" in doubt for doubt in gl.suggest("adam", 10, batch=8).doubts)


def test_one_that_averages_has_no_decay():
    found = gl.suggest("AdamWScheduleFree", 1000)
    assert found.schedule(50) == found.schedule(10**6) == 2.5e-3
    assert "averages the weights" in found.reasons[-1]


@pytest.mark.parametrize(("name", "part"), [("sgd", 0.5), ("adamw", 1 / 3)])
def test_a_limit_gives_a_part_of_it_by_optimizer(name, part):
    found = gl.suggest(name, 1000, limit=0.06)
    assert peak(found) == pytest.approx(0.06 * part, rel=5e-3)
    assert "of the largest stable rate, 0.06" in found.reasons[0]
    assert "weak evidence" in found.doubts[0]


def test_the_answer_of_a_finder_gives_limit_interval_and_doubts():
    found = gl.suggest("adamw", 1000, answer(0.03, 1e-3, 5e-3, doubts=("Seeds disagree.",)))
    assert peak(found) == 5e-3
    assert "held to the finder's interval" in found.reasons[0]
    assert "Seeds disagree." in found.doubts
    open_end = gl.suggest("adamw", 1000, answer(0.03, 0.0, math.inf, top=math.inf))
    assert peak(open_end) == 0.01
    assert "No rate that the finder tried diverged" in " ".join(open_end.doubts)


def test_a_peak_that_is_given_is_kept_or_moved_from_its_schedule():
    assert peak(gl.suggest("adamw", 1000, peak=2e-3)) == 2e-3
    tuned_for = gl.recipes.wsd(1.0, steps=1000, warmup=50, cooldown=200)
    moved = gl.suggest("adamw", 1000, peak=2e-3, tuned_for=tuned_for)
    told = gl.transfer_peak(2e-3, tuned_for, gl.suggest("adamw", 1000, peak=1.0).schedule)
    assert peak(moved) == pytest.approx(told.peak, rel=5e-3)
    assert set(told.reasons) < set(moved.reasons)
    assert "expected from" in moved.doubts[0]
    for steps in (None, 3000):
        gl.suggest("adamw", steps, peak=2e-3, tuned_for=tuned_for, open_ended=True)
    assert "above the largest stable rate" in gl.suggest(peak=0.1, limit=0.05).doubts[0]


def test_runs_of_ones_own_name_the_peak(grid_ends):
    runs = [run for run in grid_ends if run.steps == (25_000,)]
    found = gl.suggest("adamw", 25_000, curves=runs)
    assert 1e-3 < peak(found) < 2.5e-3  # a cooldown of 60 % is best at 2e-3 there
    assert "from your own runs" in found.reasons[0]
    assert "AdamW is assumed" not in " ".join(gl.suggest(steps=25_000, curves=runs).doubts)


def test_pilots_at_the_edge_and_diverged_ones_are_doubted():
    runs = [
        gl.Curve(pilot.schedule, [pilot.steps], [loss], name=pilot.name)
        for pilot, loss in zip(
            gl.pilots([1e-3, 2e-3], 1000), [3.0, 2.9, 2.9, 2.9, 2.7, 2.8], strict=True
        )
    ]
    gone = gl.Curve(gl.Constant(4e-3), [100], [math.nan])
    found = gl.suggest("adamw", 1000, curves=[*runs, gone])
    assert "0.001, 0.002, has no run on either side" in found.doubts[0]
    assert "diverged" in found.doubts[2]
    with pytest.raises(gl.ScheduleError, match="came to its end and did not diverge"):
        gl.suggest("adamw", 1000, curves=[gone])


def test_a_forecast_names_the_schedule():
    best = gl.Cosine(1.0, 0.0, 500)
    prediction = type("P", (), {"doubts": ("A doubt.",), "__str__": lambda _: "2.5 (2.4 to 2.6)"})()
    asked = []

    def ask(*, steps):
        asked.append(steps)
        return SimpleNamespace(schedule=best, prediction=prediction)

    found = gl.suggest("adamw", 500, forecast=SimpleNamespace(best=ask))
    assert (found.schedule, found.doubts, asked) == (best, ("A doubt.",), [500])
    assert "2.5 (2.4 to 2.6)" in found.reasons[0]
    with pytest.raises(gl.ScheduleError, match="`forecast` needs a fixed `steps`"):
        gl.suggest("adamw", forecast=SimpleNamespace(best=ask))


def test_suggestions_and_pilots_need_no_numpy():
    code = (
        "import sys; sys.modules |= dict.fromkeys(['numpy', 'scipy']); import glissando as gl; "
        "gl.suggest('sgd', 100, limit=1.0), list(gl.pilots(1.0, steps=100))"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_it_is_plain_data_and_readable():
    found = gl.suggest("sgd", 100)
    data = json.loads(json.dumps(found.to_data()))
    assert gl.from_data(data["schedule"]) == gl.parse(data["text"]) == found.schedule
    lines = str(found).splitlines()
    assert gl.parse(lines[0]) == found.schedule
    assert lines[2] == "Reasons:"
    assert "Doubts:" in lines


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {"optimizer": "adamm"},
            "`optimizer` must be a known optimizer, got 'adamm'; did you mean",
        ),
        ({"optimizer": 3}, "known are adamw, adam, "),
        ({"steps": 0}, "`steps` must be 1 or more, got 0"),
        (
            {"finder": 0.1},
            "`finder` must be what gl.find_rate returned, got 0.1; a number is `limit`",
        ),
        (
            {"finder": answer(0.1, 0.01, 0.1), "limit": 0.1},
            "either `finder` or `limit` must be given",
        ),
        ({"limit": 0.0}, "`limit` must be above 0, got 0.0"),
        ({"peak": math.nan}, "`peak` must be a number, got nan"),
        ({"tuned_for": gl.Constant(1.0)}, "`tuned_for` needs `peak`"),
        ({"task": "tuning"}, "`task` must be one of 'training', 'fine-tuning', got 'tuning'"),
        ({"curves": [1]}, "`curves` must be gl.Curve, one or a list of them, got 1"),
    ],
)
def test_what_it_refuses(arguments, message):
    with pytest.raises(gl.ScheduleError) as caught:
        gl.suggest(**arguments)
    assert str(caught.value).startswith("suggest: ")
    assert message in str(caught.value)
