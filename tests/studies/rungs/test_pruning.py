import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glissando.studies.rungs.pruning import (
    CHANGE,
    NORMAL,
    Levels,
    Noise,
    change_of,
    intervals,
    left_out,
    times_three,
)

LOSSES = {"a": 1.0, "b": 1.02, "c": 1.01, "d": 1.015, "e": 1.4}


def levels(losses, steps=100, error=1.0):
    return Levels(steps, losses, dict.fromkeys(losses, error))


def test_noise_is_that_of_differences_without_what_a_seed_does_to_all():
    drawn = np.random.default_rng(0)
    first, second = drawn.normal(2.0, 0.1, (2, 4000))
    noise = Noise.of(list(zip(first, second + 5.0, strict=True)), [2.0])
    assert noise.sd == pytest.approx(0.1, rel=0.05)
    assert Noise.of([(1.0, 1.1)], [1.0]) == (pytest.approx(0.1 / math.sqrt(2)), 1)
    assert Noise.of([], [2.0, -4.0]).sd == pytest.approx(0.01)
    assert Noise.of([], [2.0]).wide == NORMAL
    assert Noise(1.0, 4).wide == pytest.approx(2.13, abs=0.03)  # Student's t


def test_without_anything_seen_differences_change_by_what_is_usual():
    spread = float(np.std(list(LOSSES.values()), ddof=1))
    assert change_of([levels(LOSSES)]) == pytest.approx(CHANGE * spread)
    assert times_three(9) == pytest.approx(2.0)


def test_changes_that_a_study_sees_count():
    same = [levels(LOSSES), levels(LOSSES, 300)]
    moved = [levels(LOSSES), levels(dict(zip(LOSSES, [1.4, 1.0, 1.2, 1.0, 1.0], strict=True)), 300)]
    assert change_of(same) < change_of(same[:1]) < change_of(moved)


@given(st.lists(st.floats(1.0, 3.0), min_size=2, max_size=8), st.floats(1e-6, 0.1))
def test_who_is_left_out_is_beyond_the_best_with_both_intervals(values, sd):
    rung = levels({f"c{i}": value for i, value in enumerate(values)})
    noise = Noise(sd, 4)
    found = intervals([rung], 900, noise)
    for pruned in left_out([rung], 900, noise):
        assert pruned.expected.low > pruned.of_best.high
        assert pruned.expected == found[pruned.candidate]
    assert rung.best not in {each.candidate for each in left_out([rung], 900, noise)}
    kept = set(rung.losses) - {each.candidate for each in left_out([rung], 900, noise)}
    assert all(found[name].low <= found[rung.best].high for name in kept)


def test_intervals_are_narrow_near_the_end_and_wide_with_noise():
    def width(steps, sd):
        found = intervals([levels(LOSSES, steps)], 900, Noise(sd))["b"]
        return found.high - found.low

    assert width(900, 0.001) < width(300, 0.001) < width(100, 0.001)
    assert width(900, 0.001) == pytest.approx(2 * NORMAL * 0.001)
    assert width(300, 0.1) > width(300, 0.001)


def test_a_pruning_is_written_with_both_numbers_and_intervals():
    (pruned,) = left_out([levels(LOSSES, 300)], 900, Noise(0.001))
    low, high = (f"{end:.3g}" for end in pruned.expected[1:])
    assert pruned.words == (
        "e was left out after runs of 300 updates: it is expected to end 0.4 worse than a, "
        f"90 % from {low} to {high}, where a itself is from "
        f"−{pruned.of_best.high:.3g} to {pruned.of_best.high:.3g}"
    )
