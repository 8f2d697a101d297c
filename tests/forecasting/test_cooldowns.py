"""Should the stable phase end now? What leaving the trunk now or later would give."""

import math

import pytest

import glissando as gl
from forecasting.known import TRUNK, TRUTH, cooled, runs


@pytest.fixture(scope="module")
def found():
    return gl.forecast(runs(1200, 2400), law="convex_kernel")


def test_each_moment_to_leave_has_its_loss(found):
    told = found.cooldowns(6000)
    assert [row.leave_at for row in told.rows] == [6000, 6600, 7200, 9000, 12_000]
    assert [row.ends_at for row in told.rows] == [7500, 8250, 9000, 11_250, 15_000]
    for row in told.rows:
        assert row.schedule.steps == row.ends_at
        assert row.schedule(row.leave_at) == 1e-3 == row.schedule(row.leave_at - 1)
        assert row.schedule(row.ends_at) == 0
        assert row.prediction.loss == pytest.approx(TRUTH(row.schedule, row.ends_at), rel=1e-3)


def test_the_gain_is_that_of_each_further_thousand_updates(found):
    told = found.cooldowns(6000, later=[0, 0.5], per=500)
    now, late = told.rows
    assert now.gain is None
    apart = now.prediction.loss - late.prediction.loss
    assert late.gain == pytest.approx(apart / (late.ends_at - now.ends_at) * 500)
    assert "gain per 500" in str(told)


def test_it_is_answered_by_what_a_gain_is_worth_beside_the_noise(found):
    early, late = found.cooldowns(2000), found.cooldowns(10_000_000)
    assert early.answer.startswith("Stay on the trunk if there is time: 1,000 further updates")
    assert late.answer.startswith("It can be left now: 1,000 further updates would gain ")
    noisy = gl.forecast(runs(1200, 2400), law="convex_kernel", seed_noise=0.5)
    assert noisy.cooldowns(6000).answer.startswith("It can be left now: ")


@pytest.mark.parametrize(
    ("cooldown", "last"),
    [(0.2, 16_000), (0.5, 10_000), (1500, 18_500), (gl.Sqrt(1.0, 0.0, steps=3000), 17_000)],
)
def test_the_last_moment_for_a_deadline(found, cooldown, last):
    told = found.cooldowns(6000, cooldown=cooldown, deadline=20_000)
    assert told.last_moment == last == told.rows[-1].leave_at
    assert told.rows[-1].ends_at == 20_000
    assert all(row.ends_at <= 20_000 for row in told.rows)
    assert told.answer.endswith(f"The last moment for the deadline is step {last:,}.")
    assert found.cooldowns(6000).last_moment is None


def test_a_deadline_that_has_passed_is_told(found):
    told = found.cooldowns(6000, deadline=7000)
    assert told.last_moment == 5600
    assert told.answer.startswith("Too late: for the deadline the trunk was to be left at step 5,6")


@pytest.mark.parametrize("pilots", [runs(1200)[1:], [runs(1200)[1].replace(branched_at=None)]])
def test_the_trunk_may_be_part_of_a_branch(pilots):
    told = gl.forecast(pilots, law="convex_kernel").cooldowns(5000)
    assert told.rows[0].schedule(4999) == 1e-3
    assert told.rows[0].schedule.steps == 6250


def test_a_trunk_that_ends_goes_on(found):
    ended = [run.replace(schedule=run.schedule.take(6000)) for run in runs(1200, 2400)]
    told = gl.forecast(ended, law="convex_kernel").cooldowns(9000)
    assert told.rows[0].schedule(8999) == 1e-3
    assert told.rows[0].prediction.loss == pytest.approx(
        found.cooldowns(9000).rows[0].prediction.loss, rel=1e-4
    )


def test_each_peak_has_its_trunk():
    both = gl.forecast([*runs(1200), *runs(1200, peak=2.0)], law="convex_kernel")
    assert both.cooldowns(6000, peak=2e-3).rows[0].schedule(5000) == 2e-3
    assert both.cooldowns(6000, peak=1e-3).rows[0].schedule(5000) == 1e-3


def cooldowns_of(grid_runs, peak):
    """Return a trunk of the published grid, and its straight cooldowns over 10 to 40 % of a run."""
    trunk = next(run for run in grid_runs[peak] if run.schedule.steps == math.inf)
    found = [
        run
        for run in grid_runs[peak]
        if run.branched_at
        and run.branched_at >= 0.59 * run.steps[-1]
        and "sqrt" not in str(run.schedule)
    ]
    return trunk, found


def missed(pilots, branch):
    """Return how much is missed of what a cooldown came to, as a fraction, and its interval."""
    found = gl.forecast(pilots, law="convex_kernel")
    length = int(branch.schedule.steps) - branch.branched_at
    told = found.cooldowns(branch.branched_at, cooldown=length, later=[0])
    assert told.rows[0].schedule.steps == branch.schedule.steps
    # the last loss that was logged lies before the end
    prediction = found(told.rows[0].schedule, branch.steps[-1])
    return prediction.loss / branch.last - 1, prediction, told


def test_from_a_trunk_alone_it_is_foretold_to_half_a_percent(grid_runs):
    """At ten points of a trunk, all where one was really run."""
    trunk, branches = cooldowns_of(grid_runs, 1e-3)
    assert len(branches) >= 10
    for branch in branches:
        error, prediction, told = missed([trunk.until(branch.branched_at)], branch)
        assert abs(error) <= 5e-3
        assert prediction.low < branch.last < prediction.high
        assert prediction.high - prediction.low > 0.01 * prediction.loss
        assert any("no pilot shows a cooldown" in doubt for doubt in told.doubts)


@pytest.mark.parametrize("peak", [5e-4, 2e-3])
def test_after_the_first_probe_it_is_foretold_more_closely(grid_runs, peak):
    """The first is a cooldown over 20 % that ends at step 15,000, the others end by 35,000."""
    trunk, branches = cooldowns_of(grid_runs, peak)
    probe = next(run for run in branches if run.branched_at == 12_000)
    later = [run for run in branches if run.branched_at > 12_000 and run.steps[-1] < 35_000]
    assert len(later) >= 5
    errors = [abs(missed([trunk.until(b.branched_at), probe], b)[0]) for b in later]
    assert sum(errors) / len(errors) <= 3e-3


def test_it_prints_and_has_a_json_form(found):
    told = found.cooldowns(6000, deadline=20_000)
    lines = str(told).splitlines()
    assert lines[1].split()[:3] == ["6,000", "7,500", f"{told.rows[0].prediction.loss:.4f}"]
    assert told.answer in lines
    data = told.to_data()
    assert data["last_moment"] == 16_000
    assert gl.from_data(data["rows"][0]["schedule"]) == told.rows[0].schedule


def test_what_cannot_be_asked(found):
    cosine = gl.Linear(0.0, 1e-3, steps=100) >> gl.Cosine(1e-3, 0.0, steps=5900)
    steps = list(range(200, 6001, 200))
    falling = gl.forecast(gl.Curve(cosine, steps, TRUTH(cosine, steps).tolist()))
    for wrong, message in [
        (lambda: found.cooldowns(0), "cooldowns: `step` must be 1 or more, got 0"),
        (lambda: found.cooldowns(50), "must lie after the warm-up, of "),
        (lambda: found.cooldowns(900, cooldown=0), "cooldowns: `cooldown` must be "),
        (
            lambda: found.cooldowns(900, cooldown="20%"),
            "a number of steps or a schedule, got '20%'",
        ),
        (lambda: found.cooldowns(900, cooldown=TRUNK), "cooldowns: `cooldown` must "),
        (lambda: found.cooldowns(900, cooldown=cooled(600)), "must begin at 1, as fractions"),
        (lambda: found.cooldowns(900, later=[0.2, 0.1]), "cooldowns: `later` must be "),
        (lambda: found.cooldowns(900, deadline=100), "must leave time for the cooldown"),
        (lambda: found.cooldowns(900, per=0), "cooldowns: `per` must be 1 or more, got 0"),
        (lambda: found.cooldowns(900, peak=2e-3), "`peak` must be a pilot's, 0.001, got 0.002"),
        (lambda: falling.cooldowns(900), "cooldowns: a pilot must have a stable phase"),
    ]:
        with pytest.raises(gl.ScheduleError) as error:
            wrong()
        assert message in str(error.value)
