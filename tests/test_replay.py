"""bench/replay.py: what a study chooses among runs that were made before."""

import numpy as np
import pytest

from bench.replay import grid, law
from bench.replay.replays import Replay, asha, asha_runs, halving, shortest, study
from bench.replay.truth import between
from glissando.studies.settings import Settings


def test_a_study_of_the_published_grid_finds_the_best_for_half_of_the_steps():
    truth = grid.truth()
    rungs = [steps / grid.STEPS for steps in grid.SHORTER[:2]]
    settings = Settings(
        truth.candidates, truth.steps, truth.peaks, rungs=rungs, widen=False, budget=15
    )
    found = [study(Replay(truth, seed), settings) for seed in range(20)]
    assert np.mean([each.regret <= 2 * truth.noise for each in found]) >= 0.9
    assert max(each.cost for each in found) <= len(truth.shapes) * len(truth.peaks) / 2
    unfinished = [asha(asha_runs(), truth.noise, seed) for seed in range(20)]
    assert np.mean([each.regret for each in found]) < np.mean([e.regret for e in unfinished])


def test_losses_that_are_filled_in_are_near_those_that_were_measured():
    errors = np.abs(grid.left_out_errors())
    assert np.median(errors) < 0.002
    measured, table = grid.measured(), grid.table()
    assert all(table[cell] == loss for cell, loss in measured.items() if cell in table)


def test_a_task_of_a_law():
    truth, begin = law.task(1)
    settings = Settings(truth.candidates, truth.steps, begin, budget=0.3 * 35)
    found = study(Replay(truth, 0), settings)
    assert found.regret < 0.003
    assert found.cost <= 0.3 * 35
    lengths = settings.lengths
    assert shortest(Replay(truth, 0), truth.peaks, lengths).cost == pytest.approx(35 / 9, rel=0.01)
    assert halving(Replay(truth, 0), truth.peaks, lengths).cost == pytest.approx(10.6, abs=0.1)


def test_between_peaks_losses_are_a_parabola():
    known = {0.1: 4.0, 1.0: 1.0, 10.0: 4.0}
    assert between(1.0, known) == 1.0
    assert between(100.0, known) == pytest.approx(13.0)
