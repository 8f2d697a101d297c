"""The best peak of a schedule from that of another, against bounds and peaks that were measured."""

import math

import numpy as np
import pytest

import glissando as gl
from glissando.forecasting.peaks import best_peaks, horizon_exponent
from glissando.forecasting.transfer import transfer_peak


def wsd(fraction, steps=50_000, warmup=300):
    cooldown = round(fraction * steps)
    rising = gl.Linear(0.01, 1.0, warmup)
    return rising >> gl.Constant(1.0, steps - warmup - cooldown) >> gl.Linear(1.0, 0.0, cooldown)


def best_rate(schedule, steps):
    """Where the bound is lowest, from a sum over all pairs of steps."""
    rates = np.array([schedule(k) for k in range(steps)])
    rates /= rates.max()
    noise = (rates**2).sum() / rates.sum()
    for k in range(steps - 1):
        noise += rates[k] / rates[k + 1 :].sum() * (rates[k:] ** 2).sum() / rates[k:].sum()
    return math.sqrt(1 / rates.sum() / noise)


@pytest.mark.parametrize(
    ("tuned_for", "wanted"),
    [
        (wsd(0.2, 500, 20), wsd(0.8, 500, 20)),
        (gl.Cosine(3e-4, 3e-5, 300), gl.recipes.one_cycle(7.0, steps=300)),
        (gl.Constant(1e-9).take(200), gl.Exponential(1e9, 0.99).take(200)),
        (gl.Linear(1.0, 0.0, 2), gl.Constant(1.0, steps=2)),
    ],
)
def test_the_peak_moves_by_the_ratio_of_the_bounds(tuned_for, wanted):
    steps = int(wanted.steps)
    expected = 2.0 * best_rate(wanted, steps) / best_rate(tuned_for, steps)
    assert transfer_peak(2.0, tuned_for, wanted).peak == pytest.approx(expected, rel=1e-9)


MEASURED = {0.1: 0.82, 0.4: 1.25, 0.6: 1.49, 0.8: 1.55, 0.9: 1.60}
"""Best peaks of the whole grid at 50,000 steps by the length of the cooldown, that of 0.2 as 1."""


@pytest.mark.parametrize("fraction", MEASURED)
def test_it_is_within_15_percent_of_the_best_peaks_of_the_grid(fraction):
    found = transfer_peak(1e-3, tuned_for=wsd(0.2), wanted=wsd(fraction))
    assert found.peak == pytest.approx(1e-3 * MEASURED[fraction], rel=0.15)
    assert found.low < 1e-3 * MEASURED[fraction] < found.high


def test_the_range_holds_the_best_peaks_at_every_horizon_of_the_grid(grid_ends):
    best = [one for shape in best_peaks(grid_ends) for one in shape if one.inside]
    by_steps = {}
    for one in best:
        by_steps.setdefault(one.steps, []).append(one)
    pairs = 0
    for steps, found in by_steps.items():
        for tuned in found:
            for wanted in found:
                schedules = [one.schedule.cut(steps) for one in (tuned, wanted)]
                told = transfer_peak(tuned.peak, *schedules)
                pairs += 1
                assert told.low <= wanted.peak <= told.high, (steps, *schedules)
    assert pairs == 40


@pytest.mark.parametrize(
    ("wanted", "ratio"),
    [(wsd(0.4, 2000, 100), 0.77), (wsd(0.2, 2000, 100), 0.69), (wsd(0.0, 2000, 100), 0.67)],
)
def test_the_range_holds_what_two_cores_measured_where_the_square_root_is_right(wanted, ratio):
    found = transfer_peak(4e-3, wsd(0.95, 2000, 100), wanted)
    assert found.low <= 4e-3 * ratio <= found.high
    assert found.peak < 4e-3 * ratio  # the bound's ratio exaggerates


def test_schedules_are_given_in_any_scale():
    found = transfer_peak(1e-3, wsd(0.2), wsd(0.8))
    scaled = transfer_peak(1e-3, wsd(0.2) * 1e-12, wsd(0.8) * 1e12)
    assert scaled[:3] == pytest.approx(found[:3], rel=1e-9)
    assert scaled.reasons == found.reasons


def test_one_shape_keeps_its_peak():
    found = transfer_peak(1e-3, wsd(0.2), wsd(0.2) * 0.5)
    assert found[:3] == pytest.approx((1e-3, 1e-3, 1e-3))
    assert found.reasons == ("Both schedules are of one shape and one horizon.",)


def test_another_horizon_moves_it_by_less_than_the_bound():
    found = transfer_peak(1e-3, wsd(0.2, 15_000), wsd(0.2, 60_000))
    assert found.peak == pytest.approx(1e-3 * 4**-0.2, rel=0.01)
    assert found.low == pytest.approx(0.5e-3, rel=0.01)
    assert found.high == pytest.approx(1e-3, rel=0.01)
    back = transfer_peak(1e-3, wsd(0.2, 60_000), wsd(0.2, 15_000))
    assert (back.low, back.high) == pytest.approx((1e-3, 2e-3), rel=0.01)


def test_the_exponent_is_learned_from_runs(grid_ends):
    seen = horizon_exponent(grid_ends)
    assert seen.low < -0.19 < seen.high < 0 < seen.high - seen.low < 0.3
    found = transfer_peak(1e-3, wsd(0.2, 15_000), wsd(0.2), curves=grid_ends)
    assert found.peak == pytest.approx(1e-3 * (10 / 3) ** seen.value, rel=0.01)
    assert found.high - found.low < 0.3e-3
    assert "your own runs" in found.reasons[-1]


def test_a_known_exponent_is_recovered():
    def run(steps, peak, best):
        loss = 3.0 + 0.1 * math.log(peak / best) ** 2
        return gl.Curve(wsd(0.3, steps, 10) * peak, [steps], [loss], kind="validation")

    runs = [
        run(steps, peak, 1e-3 * (steps / 1000) ** -0.4)
        for steps in (1000, 4000)
        for peak in (2e-4, 4e-4, 8e-4, 1.6e-3)
    ]
    assert horizon_exponent(runs).value == pytest.approx(-0.4, abs=1e-6)
    assert horizon_exponent(runs[:5]) is None  # one horizon has a single run


def test_runs_that_show_no_exponent_are_said_to(grid_ends):
    found = transfer_peak(1e-3, wsd(0.2, 15_000), wsd(0.2), curves=grid_ends[:4])
    assert found == transfer_peak(1e-3, wsd(0.2, 15_000), wsd(0.2))._replace(reasons=found.reasons)
    assert "The curves do not show it" in found.reasons[-1]


def test_runs_that_stopped_early_or_diverged_say_nothing():
    good = gl.Curve(wsd(0.2) * 1e-3, [50_000], [3.0])
    assert [[one.peak for one in shape] for shape in best_peaks([good])] == [[pytest.approx(1e-3)]]
    assert best_peaks([good.replace(steps=[30_000]), good.replace(losses=[math.inf])]) == []


def test_training_losses_are_averaged_over_the_end():
    steps = list(range(981, 1001))
    noisy = [
        gl.Curve(gl.Linear(peak, 0.0, 1000), steps, losses)
        for peak, losses in ((1.0, [3.0, 1.0] * 10), (2.0, [1.9] * 20), (4.0, [2.2] * 20))
    ]
    ((best,),) = best_peaks(noisy)
    assert best.loss == pytest.approx(1.9)


def test_a_schedule_that_ends_high_has_a_wider_range():
    to_zero = transfer_peak(1e-3, wsd(0.2), gl.Cosine(1.0, 0.0, 50_000))
    to_tenth = transfer_peak(1e-3, wsd(0.2), gl.Cosine(1.0, 0.1, 50_000))
    assert to_tenth.low < 1e-3 < to_zero.low
    assert "ends at 0.1 of its peak" in " ".join(to_tenth.reasons)


def test_one_that_never_ends_is_as_long_as_the_other():
    endless = transfer_peak(1e-3, wsd(0.2), gl.Constant(1.0))
    assert endless == transfer_peak(1e-3, wsd(0.2), gl.Constant(1.0).take(50_000))


def test_it_is_plain_data_and_readable():
    found = transfer_peak(1e-3, wsd(0.2), wsd(0.8))
    assert found.to_data()["reasons"] == list(found.reasons)
    first, *rest = str(found).splitlines()
    assert first == "0.00162 (0.00102 to 0.00203)"
    assert all(line.startswith("- ") for line in rest)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((0.0, wsd(0.2), wsd(0.8)), "transfer_peak: `peak` must be above 0, got 0.0"),
        ((1e-3, "cosine", wsd(0.8)), "transfer_peak: `tuned_for` must be a schedule, got 'cosine'"),
        ((1e-3, wsd(0.2), 1e-3), "transfer_peak: `wanted` must be a schedule, got 0.001"),
        ((1e-3, gl.Constant(1.0), gl.Constant(2.0)), "give one an end with .take(n)"),
        ((1e-3, wsd(0.2), gl.Constant(0.0)), "a schedule must have a rate above 0"),
        ((1e-3, wsd(0.2), gl.Linear(1.0, 0.0, 0)), "must have 1 step or more"),
        (
            (1e-3, wsd(0.2), wsd(0.8), [3]),
            "`curves` must be gl.Curve, one or a list of them, got 3",
        ),
    ],
)
def test_what_it_refuses(arguments, message):
    with pytest.raises(gl.ScheduleError) as caught:
        transfer_peak(*arguments)
    assert message in str(caught.value)
    assert str(caught.value).startswith("transfer_peak: ")
