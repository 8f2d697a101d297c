"""A batch that grows with the samples consumed, against a loop that asks before each update."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

import glissando as gl


def asked(start, increment, samples, batch, updates):
    """The sizes of the updates: before each, how many samples were consumed decides."""
    share = samples / ((batch - start) // increment)
    consumed, sizes = 0, []
    for _ in range(updates):
        size = batch if consumed > samples else start + int(consumed / share) * increment
        sizes.append(size)
        consumed += size
    return sizes


@given(st.integers(1, 300), st.integers(1, 64), st.integers(1, 40), st.integers(1, 20_000))
def test_a_ramp_in_samples_is_megatrons_update_by_update(start, increment, sizes, samples):
    batch = start + increment * sizes
    ramp = gl.batch_ramp(start, increment, samples, batch)
    updates = min(3000, samples // start + 3)
    expected = asked(start, increment, samples, batch, updates)
    assert [ramp(step) for step in range(updates)] == expected
    plan = gl.plan(batch=ramp, steps=updates, tokens_per_sample=3)
    assert plan.samples == sum(expected)
    assert plan.tokens == 3 * sum(expected)
    assert plan.steps_at(plan.samples) == updates


def test_the_published_ramp_of_bloom():
    ramp = gl.batch_ramp(192, 16, samples=9_765_625, batch=2048)
    plan = gl.plan(samples=220_000_000, batch=ramp, epochs=1, tokens_per_sample=2048)
    sizes = asked(192, 16, 9_765_625, 2048, plan.steps + 1)
    assert plan.samples == sum(sizes[:-1]) <= 220_000_000 < sum(sizes)
    assert ramp.values == tuple(sorted(set(sizes)))
    by_samples = gl.dialects.megatron.OptimizerParamScheduler(
        0.0, 6e-5, 6e-6, lr_warmup_steps=183_105, lr_decay_steps=200_000_000,
        lr_decay_style="cosine",
    )  # fmt: skip
    rate = plan.over_samples(by_samples)
    consumed = 0
    for step, size in enumerate(sizes[:5000]):
        assert rate(step) == pytest.approx(by_samples(consumed), rel=1e-9)
        consumed += size
    peak = plan.steps_at(183_105)
    assert rate(peak) < 6e-5 <= max(rate(peak), rate(peak + 1)) * 1.001


def test_an_update_that_passes_several_shares_skips_their_sizes():
    assert gl.batch_ramp(100, 1, samples=10, batch=110) == gl.Piecewise([100, 110], [1])
    assert gl.batch_ramp(1, 1, samples=4, batch=3) == gl.Piecewise([1, 2, 3], [2, 3])


def test_a_ramp_of_any_length_takes_no_longer_than_its_sizes():
    ramp = gl.batch_ramp(1, 1, samples=10**15, batch=1001)
    assert len(ramp.values) == 1001
    assert gl.plan(batch=ramp, steps=2 * 10**12).samples > 10**12


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"batch": 100}, "`batch` must be 1 to 100,000 increments of 16 above `start`, got 100 an"),
        ({"batch": 16}, "`batch` must be 1 to 100,000 increments of 16 above `start`, got 16 and "),
        ({"batch": 8}, "`batch` must be 1 to 100,000 increments of 16 above `start`, got 8 and 16"),
        ({"start": 0}, "`start` must be 1 or more, got 0"),
        ({"samples": 0}, "`samples` must be 1 or more, got 0"),
        ({"increment": 1.5}, "`increment` must be a whole number, got 1.5"),
    ],
)
def test_what_is_no_ramp_is_refused(arguments, message):
    with pytest.raises(gl.ScheduleError) as caught:
        gl.batch_ramp(**{"start": 16, "increment": 16, "samples": 1000, "batch": 64} | arguments)
    assert str(caught.value).startswith(f"batch_ramp: {message}")
