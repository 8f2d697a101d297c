"""A study's training function, made of a Keras model."""

import math
import pickle
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import keras

from glissando.adapters.keras.batches import batches_of
from glissando.adapters.keras.reused import Reused, begun
from glissando.adapters.shared.train_function import (
    WHERE,
    Report,
    Run,
    TrainFunction,
    checkpoint,
    must_be_function,
)
from glissando.errors import ScheduleError, one_of
from glissando.finder import random_state
from glissando.plateau import OnPlateau
from glissando.rules import STEPS

_FILE = "keras.pickle"

_BUILD = "lambda: model, which makes and compiles it anew"


def train_function(
    build: Callable[[], Any],
    x: Any,
    y: Any = None,
    *,
    validation_data: Any,
    batch: int = 32,
    metric: str = "val_loss",
    every: int | None = None,
) -> TrainFunction:
    """Make a study's training function of a Keras model.

    It trains by `fit`, on any backend; update k uses `schedule(k)`. The order of the data is drawn
    from the seed alone, so that two schedules are tried on the same batches. It goes on from a
    checkpoint, also in the middle of an epoch, as if there had been no interruption: bit for bit on
    the CPU, and elsewhere where the backend's operations are deterministic.

    A process compiles the model once: later runs have the weights, the state of the optimizer and
    the seeds of a model that is built anew, and the compiled step of the first one.

    Args:
        build: a function that makes the model and compiles it, with one optimizer, and returns it.
            The random generators are seeded when it is called. The optimizer's rate is of no
            account.
        x: arrays, in any structure, which are shuffled for each epoch; or what yields batches: a
            `keras.utils.PyDataset`, or a function that returns a `tf.data.Dataset`, say, in the
            process that trains.
        y: the targets, if `x` is arrays.
        validation_data: what `fit` takes: `(x, y)`, say; or a function that returns it.
        batch: how many rows a batch of arrays has. What is left of an epoch and fills no batch is
            left out.
        metric: what the schedules are compared by, of what `fit` logs, such as "val_accuracy" (and
            `goal="max"` in the study).
        every: after how many updates to validate; by default a twentieth of the run. A plateau
            observes these results.

    Returns:
        The function `train(schedule, seed, resume, report)`.

    Raises:
        ScheduleError: an argument breaks its rule. Later, in the training: `build` returns no
            compiled model, or there is no such metric.

    Example:
        >>> import keras, numpy as np
        >>> import glissando as gl
        >>> def build():
        ...     model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
        ...     model.compile(keras.optimizers.SGD(), "mse")
        ...     return model
        >>> x = np.linspace(-1, 1, 64).reshape(-1, 1)
        >>> train = gl.keras.train_function(build, x, 3 * x, validation_data=(x, 3 * x))
        >>> train(gl.Constant(0.2, steps=20), seed=1) < train(gl.Constant(0.1, steps=20), seed=1)
        True
    """
    must_be_function(build, "build", _BUILD)
    batch = int(STEPS.check(batch, f"{WHERE}: `batch`"))
    if not metric.startswith("val_"):
        raise ScheduleError(
            f"{WHERE}: `metric` must be one of the validation's, such as 'val_loss', got {metric!r}"
        )
    batches_of(x, y, None, batch, f"{WHERE}: `x`")  # raises now what it would raise then
    return _Function(build, (x, y), validation_data, batch, metric, every)


class _Function(TrainFunction):
    """What `train_function` returns."""

    framework = "keras"

    def __init__(
        self,
        build: Callable[[], Any],
        data: tuple[Any, Any],
        validation: Any,
        batch: int,
        metric: str,
        every: int | None,
    ) -> None:
        super().__init__(build, every, batch=batch, metric=metric)
        self.build = build
        self.data = data
        self.validation = validation
        self.batch = batch
        self.metric = metric
        self.token = uuid4().hex  # the same in all processes

    def _train(self, run: Run, resume: Path | None, report: Report) -> float:
        return _Training(self, run, report).trained(resume)


class _Training:
    """A model in training.

    Args:
        function: what it is made by.
        run: what it is asked for.
        report: what is called after each update.
    """

    def __init__(self, function: _Function, run: Run, report: Report) -> None:
        self.function = function
        self.run = run
        self.report = report
        self.step = 0
        self.result = math.nan
        self.on = run.schedule if isinstance(run.schedule, OnPlateau) else None
        self.state: Any = self.on.init() if self.on else None
        self.batches = batches_of(*function.data, None, function.batch, f"{WHERE}: `x`")
        self.before = self.batches.save()
        self.batches.begin(run.seed)
        first = self.batches.draw()
        random_state.seed(run.seed)  # also where the data drew
        self.reused: Reused = begun(function.token, function.build, first)
        # those of the next update, while Keras draws for what is between two epochs
        self.random: dict[str, Any] | None = random_state.state()
        given = function.validation
        self.validation = given() if callable(given) else given

    def trained(self, resume: Path | None) -> float:
        """Train to the end; return the last result."""
        if resume is not None:
            self._load(resume)
        every, steps = self.run.every, self.run.steps
        try:
            if self.step % every:  # to where it is validated next
                self._fit(every - self.step % every, 1)
            if self.step < steps:
                self._fit(every, -(-(steps - self.step) // every))
        finally:
            self.batches.restore(self.before)
        return self.result

    def _fit(self, updates: int, epochs: int) -> None:
        """Make the updates of some epochs, each of which ends with a validation."""
        if self.step >= self.run.steps:
            return
        self.reused.model.fit(
            self._drawn(),
            epochs=epochs,
            steps_per_epoch=updates * self.reused.each,
            validation_data=self.validation,
            validation_batch_size=self.function.batch,
            shuffle=False,  # they come shuffled
            verbose=0,
            callbacks=[_Reporter(self)],
        )

    def _drawn(self) -> Iterator[Any]:
        """Yield the batches of the updates that are left."""
        each = self.reused.each
        self.batches.begin(self.run.seed, self.step * each)
        for _ in range((self.run.steps - self.step) * each):
            yield keras.utils.pack_x_y_sample_weight(
                *keras.utils.unpack_x_y_sample_weight(self.batches.draw())
            )

    def begin(self) -> None:
        """Begin an epoch with the random states of the last one."""
        if self.random is not None:
            random_state.put(self.random)
            self.random = None

    def fill(self) -> None:
        """Put the rates of the next updates where the compiled step looks them up."""
        on, state = self.on, self.state
        rate = self.run.schedule if on is None else lambda step: on(step, state)
        self.reused.table.fill(rate, self.step, self.run.steps)

    def updated(self) -> None:
        """Count an update."""
        self.step += 1
        if self.step == self.run.steps:
            self.reused.model.stop_training = True
        if self.run.observed_at(self.step):  # to be reported when it is validated
            self.random = random_state.state()
            return
        if self.step % (self.reused.table.size // 2) == 0:
            self.reused.sync()
            self.fill()
        self.report(self.step, save=self._save)

    def observe(self, logs: dict[str, Any]) -> None:
        """Take the results of a validation."""
        metric = self.function.metric
        one_of(metric, [name for name in logs if name.startswith("val_")], f"{WHERE}: `metric`")
        self.result = float(logs[metric])
        if self.on:
            self.state = self.on.update(self.state, self.result, self.step)
        self.report(self.step, self.result, save=self._save)
        if math.isnan(self.result):
            self.reused.model.stop_training = True

    def _save(self, folder: Path) -> None:
        """Write a checkpoint."""
        self.reused.sync()
        state = {
            "step": self.step,
            "result": self.result,
            "plateau": self.state,
            "model": self.reused.state(),
            "random": self.random or random_state.state(),
        }
        (folder / _FILE).write_bytes(pickle.dumps(state))

    def _load(self, folder: Path) -> None:
        """Go on from a checkpoint."""
        state = pickle.loads(checkpoint(folder, _FILE).read_bytes())
        self.step = state["step"]
        self.result = state["result"]
        if self.on:
            self.state = state["plateau"]
        self.reused.put(state["model"])
        self.random = state["random"]


class _Reporter(keras.callbacks.Callback):  # type: ignore[misc]  # keras has no types
    """Reports each update and each validation of a training."""

    def __init__(self, training: _Training) -> None:
        super().__init__()
        self._training = training

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Have the rates ready."""
        self._training.fill()

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Put back what the data have drawn."""
        self._training.begin()

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Count an update, of which several batches may be a part."""
        if (batch + 1) % self._training.reused.each == 0:
            self._training.updated()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Take the results."""
        self._training.observe(logs or {})
