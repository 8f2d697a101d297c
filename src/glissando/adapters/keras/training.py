"""A Keras training that can be tried at any rate, and put back as it was."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import keras
import numpy as np

from glissando.adapters.keras.batches import Batch, batches_of, unpacked
from glissando.adapters.keras.optimizers import plain, rated, whole
from glissando.adapters.keras.rates import Rates
from glissando.adapters.keras.snapshot import Snapshot, kept_tensors
from glissando.adapters.shared.batches import Batches
from glissando.errors import ScheduleError, shown
from glissando.finder import random_state
from glissando.finder.training import Training as Base
from glissando.rules import STEPS

_IS_TENSORFLOW = keras.backend.backend() == "tensorflow"
_IS_JAX = keras.backend.backend() == "jax"
_IS_TORCH = keras.backend.backend() == "torch"


class Training(Base):
    """A compiled Keras model and its data, for `gl.find_rate` to try at one rate after another.

    The model trains by its own step, its own or that of a subclass, as `fit` has it: compiled or
    eager, with the loss that it was compiled with and its regularization. A loss is that of one
    batch, and not the mean since the epoch began that Keras shows. With an optimizer's
    `gradient_accumulation_steps`, an update takes so many batches. In a model with several
    optimizers, or a MultiOptimizer, the largest rate becomes the rate that is tried, and the others
    keep their proportion to it. A schedule in the optimizer is out of it while a rate is tried.

    Weights, the states of optimizers, loss scales, metrics and seeds are put back into the very
    same variables. The model is built by this, if it is not yet, as by its first batch.

    Args:
        model: the compiled model.
        x: arrays, in any structure; or what yields batches: a `tf.data.Dataset`, a
            `keras.utils.PyDataset`, a DataLoader, a generator function. A generator itself is
            refused: its batches would be lost to the training.
        y: the targets, if `x` is arrays.
        batch_size: the rows of a batch, if `x` is arrays, 1 or more.
        sample_weight: the weights of the rows, if `x` is arrays.
        validation_data: `(x, y)`, `(x, y, sample_weight)`, or what yields batches, if the loss of
            the validation is to be asked for.
        directory: where what is put back is kept, in a file that is gone afterwards; by default it
            is kept in memory.

    Raises:
        ScheduleError: an argument breaks its rule; the model is not compiled, or cannot be built
            from a batch.

    Example:
        >>> import keras, numpy as np
        >>> import glissando as gl
        >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
        >>> model.compile(keras.optimizers.SGD(0.01), "mse")
        >>> x = np.linspace(-1, 1, 64).reshape(-1, 1)
        >>> training = gl.keras.Training(model, x, 3 * x, batch_size=16)
        >>> before, state = model.get_weights(), training.save()
        >>> training.step(0.5) > training.step(0.5)
        True
        >>> training.restore(state)
        >>> all(map(np.array_equal, model.get_weights(), before))
        True
    """

    __module__ = "glissando.adapters.keras"

    def __init__(
        self,
        model: Any,
        x: Any,
        y: Any = None,
        *,
        batch_size: int = 32,
        sample_weight: Any = None,
        validation_data: Any = None,
        directory: str | os.PathLike[str] | None = None,
    ) -> None:
        if not isinstance(model, keras.Model) or not model.compiled or not whole(model):
            raise ScheduleError(
                "Training: `model` must be a Keras model that is compiled with an optimizer, as by "
                f"model.compile(keras.optimizers.SGD(0.01), 'mse'), got {shown(model)}"
            )
        if directory is not None and not os.path.isdir(directory):
            raise ScheduleError(
                f"Training: `directory` must be a directory that is there, got {shown(directory)}"
            )
        rows = int(STEPS.check(batch_size, "Training: `batch_size`"))
        self._model = model
        self._directory = directory
        self._batches = batches_of(x, y, sample_weight, rows, "Training: `x`")
        self._validation: Batches | None = None
        if validation_data is not None:
            given = validation_data if isinstance(validation_data, tuple) else (validation_data,)
            held_out, targets, weights = keras.utils.unpack_x_y_sample_weight(given)
            self._validation = batches_of(
                held_out, targets, weights, rows, "Training: `validation_data`"
            )
        self._own = _unbuilt_parts(model) | {"train_function": None, "test_function": None}
        self._build()
        self._optimizers = rated(model)
        self._rates = Rates(self._optimizers)

    def step(self, rate: float) -> float:
        """Make one update; return the mean loss of its batches, before it.

        Args:
            rate: the rate of the optimizer whose rate is the largest.

        Raises:
            ScheduleError: there is no batch; the model's own `train_step` returns no loss.
        """
        if rated(self._model) != self._optimizers:
            raise ScheduleError(
                "Training: the model was compiled anew since this was built: build another one"
            )
        self._set_mode(training=True)
        with self._rates.at(rate), self._own_parts():
            losses = [
                _loss(self._model.train_on_batch, unpacked(self._batches.draw()))
                for _ in range(self._left())
            ]
        return sum(losses) / len(losses)

    def save(self) -> Any:
        """Return all that an update can change."""
        with self._own_parts():
            kept = Snapshot(self._variables(), self._objects(), self._directory)
        return kept, kept_tensors(self._model) if _IS_TORCH else None, self._batches.save()

    def restore(self, state: Any) -> None:
        """Put back what `save` returned."""
        kept, put_back_tensors, batches = state
        kept.restore()
        if put_back_tensors:
            put_back_tensors()
        if _IS_JAX:  # what an update that broke off has left for later
            self._model._jax_state = None
        self._batches.restore(batches)

    def reseed(self, seed: int) -> None:
        """Draw the order of the data, dropout and the like from another seed, from here on.

        The global generators are seeded, too. Batches whose order is fixed begin somewhere else.
        """
        random_state.seed(seed)
        self._batches.begin(seed)
        numbers = np.random.default_rng(seed)
        for generator in _seed_generators(self._model):
            generator.state.assign(np.array([numbers.integers(2**31), 0]))

    def validate(self) -> float | None:
        """Return the mean loss of `validation_data`, or None where there are none."""
        if self._validation is None:
            return None
        batches = self._validation.save()
        losses, rows = [], []
        with self._own_parts():
            model = [*self._model.variables, *self._model.metrics_variables]
            kept = Snapshot(model, self._objects())
            try:
                self._set_mode(training=False)
                for batch in map(unpacked, self._validation.once()):
                    losses.append(_loss(self._model.test_on_batch, batch))
                    rows.append(_rows(batch))
            finally:
                kept.restore()
                self._validation.restore(batches)
        return float(np.average(losses, weights=rows))

    def _build(self) -> None:
        """Make the variables that the first update would make otherwise."""
        with random_state.kept():
            batches = self._batches.save()
            try:
                batch = self._batches.draw()
            finally:
                self._batches.restore(batches)
        try:
            with self._own_parts():
                self._model._symbolic_build(data_batch=unpacked(batch))
        except Exception as error:
            # with TensorFlow a model need not be fit for that, if its parts are built
            if not _IS_TENSORFLOW or not _parts_built(self._model):
                raise ScheduleError(
                    "Training: `model` cannot be built from a batch: build it yourself, by calling "
                    f"it with one: {error}"
                ) from error
        for name, optimizer in whole(self._model).items():
            if not optimizer.built:
                raise ScheduleError(
                    f"Training: build the model's `{name}` first, as by "
                    f"model.{name}.build(model.trainable_variables)"
                )

    def _left(self) -> int:
        """Return how many batches are left to the next update."""
        steps = [(one.gradient_accumulation_steps or 1, one) for one in self._optimizers]
        return max(each - int(plain(one._iterations)) % each for each, one in steps)

    def _variables(self) -> Iterator[Any]:
        yield from self._model.variables
        yield from self._model.metrics_variables
        for optimizer in whole(self._model).values():
            yield from optimizer.variables

    def _objects(self) -> Iterator[Any]:
        yield from self._model._flatten_layers()
        yield from whole(self._model).values()
        yield from self._optimizers
        if _IS_TORCH:
            yield from self._model.modules()

    def _set_mode(self, *, training: bool) -> None:
        if _IS_TORCH:  # for modules of PyTorch in it; `fit` does the same
            self._model.train(training)

    @contextmanager
    def _own_parts(self) -> Iterator[None]:
        """Within this, the model trains by functions and metrics that are there for this alone."""
        parts = vars(self._model)
        theirs = {name: parts[name] for name in self._own}
        parts.update(self._own)
        try:
            yield
        finally:
            self._own = {name: parts[name] for name in theirs}
            parts.update(theirs)


def _unbuilt_parts(model: Any) -> dict[str, Any]:
    """Return the like of a model's losses and metrics that its first batch will build.

    They are to be built then, and not by this: a `fit` that has nothing to build draws the order of
    its data once less.
    """
    loss, metrics = model._compile_loss, model._compile_metrics
    parts: dict[str, Any] = {}
    if loss is not None and not loss.built:
        parts["_compile_loss"] = type(loss)(
            loss._user_loss, loss._user_loss_weights, output_names=loss.output_names
        )
    if metrics is not None and not metrics.built:
        parts["_compile_metrics"] = type(metrics)(
            metrics._user_metrics, metrics._user_weighted_metrics, output_names=metrics.output_names
        )
    return parts


def _parts_built(model: Any) -> bool:
    return all(layer.built for layer in model._flatten_layers(include_self=False))


def _seed_generators(model: Any) -> list[Any]:
    found = [one for layer in model._flatten_layers() for one in layer._seed_generators]
    return list({id(one): one for one in found}.values())


def _loss(on_batch: Callable[..., Any], batch: Batch) -> float:
    logs = on_batch(*batch, return_dict=True)
    if "loss" not in logs:
        raise ScheduleError(
            "Training: the model's own step must return its loss under 'loss', got "
            + ", ".join(map(repr, logs))
        )
    return float(logs["loss"])


def _rows(batch: Batch) -> int:
    return next(int(leaf.shape[0]) for leaf in keras.tree.flatten(batch) if leaf is not None)
