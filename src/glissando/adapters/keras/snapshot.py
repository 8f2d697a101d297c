"""What an update changes in a Keras model, kept in memory or on disk, and put back."""

import os
import tempfile
import weakref
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import IO, Any

import keras
import numpy as np

from glissando.adapters.keras.optimizers import plain
from glissando.adapters.shared.batches import plain_attributes


class Snapshot:
    """The values of variables, and the plain attributes of objects.

    Args:
        variables: the variables.
        objects: what may count in attributes of its own, such as the batches that it has seen.
        directory: where the values are kept, in a file without a name, which is gone with this
            snapshot and with the process; None: in memory.

    Raises:
        OSError: the file cannot be written.
    """

    def __init__(
        self,
        variables: Iterable[Any],
        objects: Iterable[Any] = (),
        directory: str | os.PathLike[str] | None = None,
    ) -> None:
        self._variables = list({id(one): one for one in variables}.values())
        self._attributes = [
            (vars(one), plain_attributes(one)) for one in {id(one): one for one in objects}.values()
        ]
        values = map(_value, self._variables)
        self._values: Callable[[], Iterable[Any]]
        if directory is None:
            kept = list(values)
            self._values = lambda: kept
        else:
            file, self._values = _written(values, directory)
            weakref.finalize(self, file.close)

    def restore(self) -> None:
        """Put everything back."""
        for variable, value in zip(self._variables, self._values(), strict=True):
            # a copy, since JAX may take an array as it is, and later write into it
            variable.assign(value.copy())
        for attributes, kept in self._attributes:
            attributes.update(kept)


def _value(variable: Any) -> Any:
    return np.array(keras.ops.convert_to_numpy(plain(variable)))


def _written(
    values: Iterable[Any], directory: str | os.PathLike[str]
) -> tuple[IO[bytes], Callable[[], Iterable[Any]]]:
    """Write arrays to a file that only this process sees; return it and what reads them."""
    kinds = []
    try:
        file = tempfile.TemporaryFile(dir=directory)  # noqa: SIM115  # it lives as what is returned
        try:
            for value in values:
                kinds.append((value.dtype, value.shape))
                # as bytes, for there are types, such as bfloat16, that files of NumPy do not know
                np.lib.format.write_array(file, _bytes(value), allow_pickle=False)
            file.flush()
            os.fsync(file.fileno())  # some disks only then say that they are full
        except OSError:
            with suppress(OSError):  # it tries once more to write the rest
                file.close()
            raise
    except OSError as error:
        raise OSError(
            error.errno,
            f"Training: the state cannot be kept in `directory`: {error.strerror}. Nothing changed",
            os.fspath(directory),
        ) from error

    def read() -> Iterator[Any]:
        file.seek(0)
        for dtype, shape in kinds:
            array = np.lib.format.read_array(file, allow_pickle=False)
            yield array.view(dtype).reshape(shape)

    return file, read


def _bytes(value: Any) -> Any:
    return np.ascontiguousarray(value).reshape(-1).view(np.uint8)


def kept_tensors(model: Any) -> Callable[[], None]:
    """Keep what a model of the PyTorch backend has beside variables; return what puts it back.

    These are gradients, and the buffers of PyTorch modules in it.
    """
    buffers = [(buffer, buffer.clone()) for buffer in model.buffers()]
    gradients = [
        (parameter, None if parameter.grad is None else parameter.grad.clone())
        for parameter in model.parameters()
    ]

    def put_back() -> None:
        for buffer, value in buffers:
            buffer.copy_(value)
        for parameter, gradient in gradients:
            parameter.grad = None if gradient is None else gradient.clone()

    return put_back
