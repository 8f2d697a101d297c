"""Rows of epochs tell the curve by updates: by their means, or by each epoch's last update."""

import numpy as np
import pytest

import glissando as gl
from glissando.dialects.ultralytics import BaseTrainer
from glissando.logs.logged import LoggedRates


def log(rates, digits=None, first=0, **known):
    texts = [float(f"{rate:.{digits}g}") for rate in rates] if digits else list(rates)
    near = [
        0.5 * 10.0 ** (np.floor(np.log10(rate)) - digits + 1) if digits else 0.0 for rate in texts
    ]
    steps = np.arange(first, first + len(texts))
    return LoggedRates(
        steps, np.array(texts), np.array(near), steps, "test", clock="epoch", **known
    )


@pytest.mark.parametrize("until", [100, 40])
def test_means_tell_how_many_updates_an_epoch_has(until):
    ran = gl.Linear(0.0, 1.5e-4, 10 * 265) >> gl.Cosine(1.5e-4, 1e-6, 90 * 265)
    means = np.asarray(ran(np.arange(until * 265))).reshape(until, 265).mean(axis=1)
    found = gl.infer(log(means, lags=(0,), mean=True))
    assert (found.schedule, found.per_epoch) == (ran, 265)
    assert "row s holds the mean over the 265 updates of epoch s" in str(found)


def test_means_of_rates_that_stand_still_in_an_epoch_are_those_rates():
    ran = gl.Linear(1e-6, 1e-3, 5) >> gl.Cosine(1e-3, 1e-5, 60)
    found = gl.infer(log([ran(epoch) * (1 + 1e-14) for epoch in range(65)], lags=(0,), mean=True))
    assert (found.schedule, found.per_epoch) == (ran, None)


@pytest.mark.parametrize("cos_lr", [False, True])
@pytest.mark.parametrize("per_epoch", [144, 21])
def test_the_last_batches_of_epochs_tell_how_many_they_have(cos_lr, per_epoch):
    ran = BaseTrainer(
        lr0=0.002, epochs=60, cos_lr=cos_lr, optimizer="AdamW", steps_per_epoch=per_epoch
    )
    rates = [ran((epoch + 1) * per_epoch - 1) for epoch in range(45)]
    found = gl.infer(log(rates, digits=6, first=1, lags=(1,), last=True))
    updates = np.arange(45 * per_epoch)
    assert np.allclose(found.schedule(updates), ran(updates), rtol=1e-5, atol=0)
    assert found.per_epoch == per_epoch


def test_a_wave_that_began_before_its_part_is_cut():
    ran = gl.Linear(1e-6, 1e-3, 5) >> gl.Cosine(1e-3, 1e-5, 300).drop(5)
    assert gl.infer(range(250), [ran(epoch) for epoch in range(250)]).schedule == ran


def test_batches_of_an_update_are_found():
    ran = gl.Linear(0.0, 5e-4, 200) >> gl.Cosine(5e-4, 5e-5, 800)
    found = gl.infer(range(0, 8000, 50), [ran(step // 8) for step in range(0, 8000, 50)])
    assert (found.schedule, found.batches) == (ran, 8)
    assert "row s holds the rate of update floor(s / 8)" in str(found)


def test_a_rate_that_holds_for_several_batches_leaves_multiples_open():
    ran = gl.Linear(0.0, 1.5e-4, 5 * 9) >> gl.Cosine(1.5e-4, 1e-6, 45 * 9)
    batch = np.arange(9) // 2 * 2
    means = [np.mean(np.asarray(ran(9 * epoch + batch))) for epoch in range(50)]
    found = gl.infer(log(means, lags=(0,), mean=True))
    assert (found.schedule, found.per_epoch) == (ran, 9)
    assert found.unknown[0].startswith("Epochs of 18 batches where a rate holds for 4, and")
