"""A scheduler that Accelerate prepared moves once a process at each update."""

import types

import accelerate
import pytest
import torch
from accelerate.scheduler import AcceleratedScheduler

import glissando as gl
from glissando.convert.given import Given
from glissando.convert.objects.accelerate import read_prepared
from torch_probe import sgd, update

STILL = types.SimpleNamespace(step_was_skipped=False)


@pytest.mark.parametrize(("processes", "split"), [(1, False), (4, False), (4, True)])
def test_the_rates_are_the_prepared_schedulers(monkeypatch, processes, split):
    state = types.SimpleNamespace(num_processes=processes)
    monkeypatch.setattr(accelerate.scheduler, "AcceleratorState", lambda: state)
    monkeypatch.setattr(accelerate.scheduler, "GradientState", lambda: _synced())
    optimizer = sgd(1.0)
    bare = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 50)
    scheduler = AcceleratedScheduler(bare, STILL, split_batches=split)
    rates = []
    for _ in range(100):
        rates.append(update(optimizer)[0])
        scheduler.step()
    rate = read_prepared(scheduler, Given(world_size=processes))
    assert [rate(k) for k in range(100)] == pytest.approx(rates, rel=1e-12, abs=1e-15)


def _synced():
    return types.SimpleNamespace(sync_gradients=True, adjust_scheduler=False)


def test_a_one_cycle_of_several_processes_is_refused():
    bare = torch.optim.lr_scheduler.OneCycleLR(sgd(1.0, momentum=0.9), 0.3, 200)
    with pytest.raises(gl.ScheduleError, match="OneCycleLR in 4 processes"):
        read_prepared(AcceleratedScheduler(bare, STILL), Given(world_size=4))
