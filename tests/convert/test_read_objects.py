"""`gl.read` finds out whose an object or a file is, and reads it."""

from pathlib import Path

import keras
import lightning
import optax
import pytest
import torch
import transformers

import glissando as gl
from torch_probe import sgd

LOGS = Path(__file__).parents[1] / "data/logs"


def scheduler():
    optimizer = sgd(1.0, momentum=0.9)
    return optimizer, torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.3, 200)


def test_objects_are_known(tmp_path):
    optimizer, cycle = scheduler()
    rate = gl.dialects.torch.OneCycleLR(0.3, 200, cycle_momentum=False)
    states = {"scheduler": cycle.state_dict(), "optimizer": optimizer.state_dict()}
    config = {"optimizer": optimizer, "lr_scheduler": {"scheduler": cycle, "interval": "step"}}
    assert {gl.read(value) for value in (cycle, states, config)} == {rate}
    assert gl.read(cycle, framework="torch") == rate
    cosine = gl.Cosine(0.1, 0.0, 100)
    assert gl.read(keras.optimizers.schedules.CosineDecay(0.1, 100)) == cosine
    assert gl.read(optax.cosine_decay_schedule(0.1, 100)) == cosine
    args = transformers.TrainingArguments(str(tmp_path), use_cpu=True, learning_rate=0.1)
    assert gl.read(args, steps=100) == gl.Linear(0.1, 0.0, 100)
    stairs = lightning.pytorch.utilities.types.LRSchedulerConfig(cycle)
    assert gl.read(stairs, steps_per_epoch=4) == rate.hold_each(4)


@pytest.mark.filterwarnings("ignore:__array__")
def test_files_are_known(tmp_path):
    optimizer, cycle = scheduler()
    states = {"scheduler": cycle.state_dict(), "optimizer": optimizer.state_dict()}
    torch.save(states, tmp_path / "last.pt")
    assert gl.read(tmp_path / "last.pt") == gl.read(cycle)
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    schedule = keras.optimizers.schedules.CosineDecay(0.1, 100)
    model.compile(optimizer=keras.optimizers.SGD(schedule))
    model.save(tmp_path / "model.keras")
    assert gl.read(tmp_path / "model.keras") == gl.read(schedule)


def test_a_damaged_file_is_named(tmp_path):
    path = tmp_path / "model.keras"
    path.write_bytes(b"PK\x03\x04" + bytes(50))
    with pytest.raises(gl.ScheduleError, match=r"model\.keras: keras: no archive"):
        gl.read(path)


def test_a_cosine_ends_where_the_run_does():
    optimizer = sgd(0.1)
    waves = transformers.get_cosine_schedule_with_warmup(optimizer, 10, 100)
    assert gl.read(waves)(150) > 0
    ended = gl.Linear(0.0, 0.1, 10) >> gl.Cosine(0.1, 0.0, 90)
    assert gl.read(waves, steps=100) == ended
    assert gl.read(waves, steps=120) == gl.read(waves)  # it does rise again
    bounces = torch.optim.lr_scheduler.CosineAnnealingLR(sgd(0.1), 90)
    assert gl.read(bounces, steps=90) == gl.Cosine(0.1, 0.0, 90)
    assert gl.read(ended) is ended
