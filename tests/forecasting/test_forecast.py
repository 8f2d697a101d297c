"""What a forecast answers, on runs whose law is known."""

import numpy as np
import pytest

import glissando as gl
from glissando.forecasting.laws import ConvexKernel
from glissando.forecasting.prediction import Ranked, Ranking

WARMUP = gl.Linear(0.0, 1e-3, steps=100)
TRUNK = WARMUP >> gl.Constant(1e-3)
POINTS = list(range(200, 6001, 200))
TRUTH = ConvexKernel(2.5, 0.3, 0.4, 30.0, 800.0, rate=1e-3, steps=6000)
LATER = {
    "linear": WARMUP >> gl.Linear(1e-3, 0.0, steps=9900),
    "cosine": WARMUP >> gl.Cosine(1e-3, 0.0, steps=9900),
    "wsd20": TRUNK.branch(8000, gl.Linear(1.0, 0.0, steps=2000)),
    "wsd5": TRUNK.branch(9500, gl.Linear(1.0, 0.0, steps=500)),
    "constant": TRUNK.take(10_000),
}


def runs(peak=1.0, noise=0.001, seed=0, law=TRUTH):
    random = np.random.default_rng(seed)
    branch = TRUNK.branch(4800, gl.Linear(1.0, 0.0, steps=1200))
    return [
        gl.Curve(
            schedule * peak,
            POINTS,
            law(schedule, POINTS) + noise * random.normal(size=len(POINTS)),
            branched_at=at,
        )
        for schedule, at in ((TRUNK, None), (branch, 4800))
    ]


@pytest.fixture(scope="module")
def found():
    return gl.forecast(runs())


def test_what_a_schedule_will_give_is_foretold_with_an_interval(found):
    held = 0
    for schedule in LATER.values():
        prediction, truth = found(schedule, 10_000), TRUTH(schedule, 10_000)
        assert prediction.loss == pytest.approx(truth, rel=5e-3)
        held += prediction.low < truth < prediction.high
        assert prediction.low < prediction.loss < prediction.high
        assert prediction.curve.steps[-1] == 10_000
        assert prediction.curve.last == prediction.loss
        assert set(prediction.laws) == {
            "convex_kernel", "kernel", "multi_power", "annealing", "bound",
        }  # fmt: skip
    assert held >= 0.8 * len(LATER)


def test_the_further_beyond_the_pilots_the_wider_the_interval(found):
    widths = [
        (p.high - p.low) / p.loss
        for steps in (6000, 12_000, 48_000)
        for p in [found(LATER["linear"].stretch(steps))]
    ]
    assert widths[0] < widths[1] < widths[2]


def test_schedules_are_ranked_with_how_probable_it_is_that_each_is_best(found):
    ranking = found.rank(LATER, 10_000)
    truth = sorted(LATER, key=lambda name: TRUTH(LATER[name], 10_000))
    assert [each.name for each in ranking][-1] == "constant" == truth[-1]
    assert ranking.best.name in truth[:2]
    chances = [each.probability for each in ranking]
    assert sum(chances) == pytest.approx(1.0)
    assert chances[0] == max(chances) > 0.4
    assert chances[-1] < 0.02
    assert str(ranking).splitlines()[1].startswith(ranking.best.name)
    assert ranking.to_data()[0]["probability"] == chances[0]


def test_a_ranking_says_which_is_best_and_doubts_each_by_name(found):
    def ranked(name, chance, *doubts):
        prediction = found(LATER[name], 10_000)._replace(doubts=doubts)
        return Ranked(name, LATER[name], prediction, chance)

    sure = Ranking([ranked("linear", 0.999, "a", "b"), ranked("cosine", 0.001, "a")])
    assert sure.answer.startswith("linear is predicted best, with a loss of ")
    assert sure.answer.endswith("that it is the best of these has a probability of >99%.")
    assert sure.doubts == ("a", "linear: b")
    assert str(sure).splitlines()[2].endswith(" <1%")
    unsure = Ranking([ranked("linear", 0.2), ranked("cosine", 0.8)])
    assert unsure.answer.endswith(
        "but that is not sure: it is the best of these with a probability of 20%, cosine with 80%."
    )
    alone = Ranking([ranked("linear", 1.0, "a")])
    assert alone.answer == f"linear is predicted to give a loss of {alone.best.prediction}."
    assert alone.doubts == ("a",)


def test_what_is_asked_twice_is_answered_alike(found):
    assert found.rank(LATER, 10_000).to_data() == found.rank(LATER, 10_000).to_data()
    assert found(LATER["cosine"]).loss == gl.forecast(runs())(LATER["cosine"]).loss


def test_each_peak_has_its_own_pilots():
    worse = TRUTH.replace(L0=2.7)
    both = gl.forecast([*runs(), *runs(3.0, law=worse)], law="convex_kernel")
    assert [round(group.peak / 1e-3, 6) for group in both.groups] == [1.0, 3.0]
    assert both(LATER["linear"] * 3).loss - both(LATER["linear"]).loss == pytest.approx(
        0.2, abs=0.01
    )
    assert set(both.backtest) == set(both.parameters) == {group.peak for group in both.groups}


def test_laws_are_weighed_by_how_well_they_foretell(found):
    (tests,) = found.backtest.values()
    assert sum(test.weight for test in tests) == pytest.approx(1.0)
    weights = {test.law: test.weight for test in tests}
    assert weights["bound"] < 0.1 < 0.5 < weights["convex_kernel"] + weights["kernel"]
    for test in tests:
        assert len(test.errors) == 4  # the ends of both pilots: of the last part, and of its median


def test_parameters_have_their_doubt():
    found = gl.forecast(runs(noise=0.002), law="convex_kernel")
    (laws,) = found.parameters.values()
    for name, (value, low, high) in laws["convex_kernel"].items():
        assert low < value < high
        assert low / 1.5 <= getattr(TRUTH, name) <= high * 1.5


def test_noise_between_seeds_widens_the_interval():
    narrow, wide = (
        gl.forecast(runs(), law="convex_kernel", seed_noise=noise)(LATER["linear"])
        for noise in (0.0, 0.1)
    )
    assert wide.high - wide.low > 0.2 > narrow.high - narrow.low


def test_a_cosine_alone_hides_its_kernel_and_has_a_wide_interval():
    cosine = WARMUP >> gl.Cosine(1e-3, 0.0, steps=5900)
    pilot = gl.Curve(cosine, POINTS, TRUTH(cosine, POINTS))
    prediction = gl.forecast(pilot)(LATER["wsd20"])
    assert prediction.low < TRUTH(LATER["wsd20"], 10_000) < prediction.high
    sure = gl.forecast(runs(noise=0.0))(LATER["wsd20"])
    assert prediction.high - prediction.low > 2 * (sure.high - sure.low)


@pytest.mark.parametrize("step", [2, 3, 7, 61, 1000])
def test_any_step_may_be_asked_for(found, step):
    prediction = found(LATER["cosine"], step)
    assert prediction.curve.steps[-1] == step
    assert prediction.curve.last == prediction.loss


def test_what_cannot_be_asked(found):
    for wrong, message in [
        (lambda: gl.forecast([]), "forecast: `curves` must be one run or more, got none"),
        (lambda: gl.forecast([3]), "forecast: `curves` must be gl.Curve, got 3"),
        (lambda: gl.forecast(runs(), law="power"), "forecast: `law` must be one of 'auto', "),
        (lambda: found(TRUNK), "`step` is missing: the schedule never ends"),
        (lambda: found(0.1), "Forecast: `schedule` must be a schedule, got 0.1"),
        (lambda: found(TRUNK, 0), "Forecast: `step` must be 1 or more, got 0"),
        (lambda: found(gl.Constant(0.0, steps=9)), "must have rates above 0"),
        (lambda: found.rank({}), "Forecast: `schedules` must be one or more, got none"),
    ]:
        with pytest.raises(gl.ScheduleError) as error:
            wrong()
        assert message in str(error.value)
