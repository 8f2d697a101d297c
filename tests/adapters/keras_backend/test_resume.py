"""Training that is split, resumed or restored uses the rates of one run."""

import json
import random
import signal
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
from probe import WARM_UP, close, fit, network, per_epoch, rates

import glissando as gl
from glissando.adapters.keras import LearningRateSchedule, LearningRateScheduler

ONE_RUN = {"epoch": per_epoch(WARM_UP, range(6)), "step": rates(WARM_UP, range(24))}
units = pytest.mark.parametrize("unit", ONE_RUN)


def part(model, unit, first, last, *callbacks, **options):
    callback = LearningRateScheduler(WARM_UP, unit=unit)
    moves, _ = fit(model, *callbacks, callback, initial_epoch=first, epochs=last, **options)
    return moves


def in_graph():
    return network(keras.optimizers.SGD(LearningRateSchedule(WARM_UP)))


@units
def test_split_with_the_same_model(unit):
    model = network()
    assert part(model, unit, 0, 2) + part(model, unit, 2, 6) == ONE_RUN[unit]


@units
def test_pain_11_initial_epoch_with_a_new_optimizer_each_time(unit):
    moves = []
    for first, last in [(0, 2), (2, 5), (5, 6)]:
        moves += part(network(), unit, first, last)
    assert moves == ONE_RUN[unit]


@units
def test_split_with_a_new_optimizer_that_then_goes_on(unit):
    model = network()
    assert part(model, unit, 2, 3) + part(model, unit, 3, 6) == ONE_RUN[unit][8:]


@units
def test_pain_11_initial_epoch_with_a_restored_model(unit, tmp_path):
    model = network()
    moves = part(model, unit, 0, 2)
    model.save(tmp_path / "model.keras")
    assert (
        moves + part(keras.models.load_model(tmp_path / "model.keras"), unit, 2, 6) == ONE_RUN[unit]
    )


def test_split_with_a_restored_model_and_gradient_accumulation(tmp_path):
    def accumulating():
        return network(keras.optimizers.SGD(0.5, gradient_accumulation_steps=3))

    moves = part(accumulating(), "step", 0, 3)
    assert moves[2::3] + part(accumulating(), "step", 3, 6)[2::3] == rates(WARM_UP, range(8))


@units
def test_a_second_fit_goes_on(unit):
    model = network()
    moves = part(model, unit, 0, 2) + part(model, unit, 0, 1) + part(model, unit, 0, 3)
    assert moves == ONE_RUN[unit]


@units
def test_a_second_fit_goes_on_after_one_with_initial_epoch(unit):
    model = network()
    moves = part(model, unit, 0, 2) + part(model, unit, 2, 3) + part(model, unit, 0, 3)
    assert moves == ONE_RUN[unit]


@units
def test_a_fit_of_a_restored_model_goes_on(unit, tmp_path):
    model = network()
    moves = part(model, unit, 0, 2)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert moves + part(loaded, unit, 0, 4) == ONE_RUN[unit]


@units
def test_an_optimizer_set_back_begins_at_0(unit):
    model = network()
    blank = [keras.ops.convert_to_numpy(v.value) for v in model.optimizer.variables]
    part(model, unit, 0, 2)
    for variable, value in zip(model.optimizer.variables, blank, strict=False):
        variable.assign(value)
    assert part(model, unit, 0, 2) == ONE_RUN[unit][:8]


@units
def test_a_newly_compiled_model_begins_at_0(unit):
    model = network()
    part(model, unit, 0, 2)
    model.compile(keras.optimizers.SGD(0.5), model.loss)
    assert part(model, unit, 0, 2) == ONE_RUN[unit][:8]


def test_a_second_fit_with_other_batches_goes_by_the_updates():
    model = network()
    part(model, "step", 0, 2)
    assert part(model, "step", 2, 3, batches=8) == rates(WARM_UP, range(8, 16))


@units
def test_an_optimizer_set_to_another_rate_in_between(unit):
    model = network()
    moves = part(model, unit, 0, 2)
    model.optimizer.learning_rate = 7.0  # between two fits that is anybody's right
    assert moves + part(model, unit, 2, 6) == ONE_RUN[unit]


def test_a_new_optimizer_needs_the_steps_of_an_epoch():
    def rows():
        for _ in range(4):
            yield np.ones((1, 1)), np.zeros((1, 1))

    model = network()
    callback = LearningRateScheduler(WARM_UP, unit="step")
    options = {"verbose": 0, "shuffle": False, "callbacks": [callback]}
    with pytest.raises(gl.ScheduleError, match=r"initial_epoch=2 .* steps_per_epoch=.*drop\(n\)"):
        model.fit(rows(), initial_epoch=2, epochs=3, **options)
    history = model.fit(rows(), steps_per_epoch=2, initial_epoch=2, epochs=3, **options)
    assert history.history["learning_rate"] == rates(WARM_UP, [5])
    # Once the optimizer has counted, the steps need not be known.
    with pytest.warns(UserWarning, match="ran out of data"):
        history = model.fit(rows(), initial_epoch=3, epochs=4, **options)
    assert history.history["learning_rate"] == rates(WARM_UP, [9])


@pytest.mark.parametrize("each", [1, 2])
def test_a_count_that_is_epochs_short_is_told(each, tmp_path):
    accumulation = None if each == 1 else each
    model = network(keras.optimizers.SGD(0.5, gradient_accumulation_steps=accumulation))
    part(model, "step", 2, 4)
    model.save(tmp_path / "model.keras")
    restored = keras.models.load_model(tmp_path / "model.keras")
    n = 8 // each  # the updates of two epochs: those that were counted, and those that were not
    words = rf"counted {n} updates, 2 epochs .* step {n}; .*\.drop\({n}\)"
    with pytest.warns(UserWarning, match=words):
        moves = part(restored, "step", 4, 5)
    assert moves[each - 1 :: each] == rates(WARM_UP, range(n, n + 4 // each))


class Stop(keras.callbacks.Callback):
    """Break training off in the middle of an epoch."""

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch

    def on_train_batch_end(self, batch, logs=None):
        if (self.epoch, batch) == (4, 1):
            raise KeyboardInterrupt


@units
@pytest.mark.parametrize("first", [0, 2])
def test_backup_and_restore_with_initial_epoch(unit, first, tmp_path):
    backup = keras.callbacks.BackupAndRestore(tmp_path / "backup")
    with pytest.raises(KeyboardInterrupt):
        part(network(), unit, first, 6, backup, Stop())
    backup = keras.callbacks.BackupAndRestore(tmp_path / "backup")
    assert part(network(), unit, first, 6, backup) == ONE_RUN[unit][16:]


def test_in_graph_split_with_the_same_and_a_restored_model(tmp_path):
    model = in_graph()
    moves = fit(model, epochs=2)[0] + fit(model, initial_epoch=2, epochs=3)[0]
    model.save(tmp_path / "model.keras")
    restored = keras.models.load_model(tmp_path / "model.keras")
    moves += fit(restored, initial_epoch=3)[0]
    assert close(moves, ONE_RUN["step"], WARM_UP.bound())


def test_pain_11_initial_epoch_in_graph_by_drop():
    model = network(keras.optimizers.SGD(LearningRateSchedule(WARM_UP.drop(8))))
    moves, _ = fit(model, initial_epoch=2)
    assert close(moves, ONE_RUN["step"][8:], WARM_UP.bound())


def test_a_killed_process_resumes(tmp_path):
    """Four processes; each resumes what the one before was killed in, and is killed in the next."""
    model = in_graph()
    fit(model, epochs=1)
    model.save(tmp_path / "model.keras")
    last = {form: random.randrange(1, 24) for form in ("epoch", "step", "graph")}
    works = [
        f"epoch:{last['epoch']}",
        f"epoch:-1,step:{last['step']}",
        f"step:-1,graph:{last['graph']}",
        f"graph:-1,load:{tmp_path / 'model.keras'}",
    ]
    script = [sys.executable, str(Path(__file__).with_name("killed.py")), str(tmp_path), *works]
    run = subprocess.run(script, capture_output=True, text=True, timeout=300)
    assert run.returncode == 0, run.stderr
    assert json.loads(run.stdout) == [-signal.SIGKILL] * 3 + [0], run.stderr
    for form, batch in last.items():
        lines = [line.split() for line in (tmp_path / f"{form}.log").read_text().splitlines()]
        # The killed process began every batch before `batch`, the next at the last whole epoch.
        trained = [*range(batch), *range(batch // 4 * 4, 24)]
        assert [int(number) for number, _ in lines] == trained, form
        moves = [float(move) for _, move in lines]
        wanted = [ONE_RUN["epoch" if form == "epoch" else "step"][i] for i in trained]
        if form == "graph":
            assert close(moves, wanted, WARM_UP.bound()), last
        else:
            assert moves == wanted, last
    moves = [float(line) for line in (tmp_path / "load.log").read_text().split()]
    assert close(moves, ONE_RUN["step"][4:8], WARM_UP.bound())
