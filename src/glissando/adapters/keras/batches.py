"""The batches of whatever Keras trains on."""

from collections.abc import Iterable, Iterator
from itertools import count
from typing import Any

import keras
import numpy as np

from glissando.adapters.keras.optimizers import plain
from glissando.adapters.shared.batches import Batches
from glissando.errors import ScheduleError

Batch = tuple[Any, Any, Any]


def batches_of(x: Any, y: Any, sample_weight: Any, batch_size: int, where: str) -> Batches:
    """Return the batches of what `fit` takes.

    Args:
        x: arrays in any structure; or what yields batches each time that it is iterated over: a
            `tf.data.Dataset`, a `PyDataset`, a DataLoader, a function that returns an iterator.
        y: the targets of arrays.
        sample_weight: the weights of arrays.
        batch_size: the rows of a batch of arrays.
        where: what messages call it.

    Raises:
        ScheduleError: it is nothing of the kind.
    """
    if _is_arrays(x):
        return Batches(x, where, _Arrays((x, y, sample_weight), batch_size, where))
    if y is not None or sample_weight is not None:
        raise ScheduleError(
            f"{where} yields batches, which have their own targets and weights: leave `y` and "
            "`sample_weight` out"
        )
    if isinstance(x, keras.utils.PyDataset):
        return Batches(x, where, _Indexed(x))
    return Batches(x, where)


def unpacked(batch: Any) -> Batch:
    """Return inputs, targets and weights as tensors of the backend."""
    x, y, sample_weight = keras.utils.unpack_x_y_sample_weight(batch)
    return (
        keras.tree.map_structure(_as_tensor, x),
        keras.tree.map_structure(_as_tensor, y),
        keras.tree.map_structure(_as_tensor, sample_weight),
    )


class _Arrays:
    """The rows of arrays, shuffled; rows that fill no batch are left out of an epoch."""

    furthest = 1

    def __init__(self, arrays: Any, size: int, where: str) -> None:
        self._arrays = keras.tree.map_structure(_as_array, arrays)
        rows = sorted({len(a) for a in keras.tree.flatten(self._arrays) if a is not None})
        if len(rows) != 1:
            raise ScheduleError(
                f"{where}, its targets and weights must have the same number of rows, got {rows}"
            )
        self._rows, self._size = rows[0], size

    def epochs(self, seed: int | None) -> Iterator[Iterable[Any]]:
        generator = np.random.default_rng(seed)
        while True:
            if seed is None:
                order, end = np.arange(self._rows), self._rows
            else:
                order = generator.permutation(self._rows)
                end = self._rows - self._rows % min(self._size, self._rows or 1)
            starts = range(0, end, self._size)
            yield (self._batch(order[start : start + self._size]) for start in starts)

    def _batch(self, rows: Any) -> Any:
        return keras.tree.map_structure(lambda a: None if a is None else a[rows], self._arrays)


class _Indexed:
    """The batches of a PyDataset. It is not told that an epoch ends, at which some shuffle."""

    furthest = 1

    def __init__(self, dataset: Any) -> None:
        self._dataset = dataset

    def epochs(self, seed: int | None) -> Iterator[Iterable[Any]]:
        generator = np.random.default_rng(seed)
        batches = self._dataset.num_batches
        while True:
            order: Iterable[int] = count()
            if batches is not None:
                order = range(batches) if seed is None else generator.permutation(batches).tolist()
            yield map(self._dataset.__getitem__, order)


def _is_arrays(x: Any) -> bool:
    """Return whether all leaves have rows, as Keras wants arrays to be."""
    leaves = keras.tree.flatten(x)
    return bool(leaves) and all(hasattr(leaf, "shape") and len(leaf.shape) for leaf in leaves)


def _as_array(leaf: Any) -> Any:
    if leaf is None:
        return None
    array = np.asarray(
        keras.ops.convert_to_numpy(plain(leaf)) if keras.ops.is_tensor(leaf) else leaf
    )
    if np.issubdtype(array.dtype, np.floating):  # as `fit` has it
        array = array.astype(keras.backend.floatx(), copy=False)
    return array


def _as_tensor(leaf: Any) -> Any:
    if leaf is None or keras.ops.is_tensor(leaf):
        return leaf
    return keras.ops.convert_to_tensor(np.asarray(leaf))
