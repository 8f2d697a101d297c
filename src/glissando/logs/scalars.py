"""The scalars of an event file, by TensorBoard's own reader in its form without TensorFlow."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from google.protobuf.message import DecodeError
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.tensorflow_stub.errors import DataLossError, OutOfRangeError
from tensorboard.compat.tensorflow_stub.pywrap_tensorflow import PyRecordReader_New
from tensorboard.util.tensor_util import make_ndarray

from glissando.errors import ScheduleError
from glissando.logs.source import Row, Source


def scalars_of(source: Source, path: Path) -> Iterator[Row]:
    """Yield a row for each event of a file that has scalars."""
    reader = PyRecordReader_New(str(path))
    count = 0
    while True:
        try:
            reader.GetNext()
            event = Event.FromString(reader.record())
        except OutOfRangeError:
            return
        except (MemoryError, OverflowError):
            raise ScheduleError(
                f"what follows event {count} of {path.name} is longer than memory: it is damaged"
            ) from None
        except (DataLossError, DecodeError) as error:
            if not count:
                raise ScheduleError(f"is no event file: {error}") from None
            if "crc32" in str(error):
                where = f"what follows event {count} of {path.name}"
                raise ScheduleError(f"{where} has a wrong checksum: the file is damaged") from None
            # only a whole record says where the next one begins
            source.leave_out(f"what follows event {count}", f"of {path.name} is cut or damaged")
            return
        count += 1
        source.advance(len(reader.record()))
        row = {value.tag: text for value in event.summary.value if (text := _number(value))}
        if row:
            yield {**row, "step": str(event.step)}


def _number(value: Any) -> str:
    """Return the number in a summary as text, or nothing if it holds none."""
    kind = value.WhichOneof("value")
    if kind == "simple_value":
        return str(np.float32(value.simple_value))  # as short as a float32 can be
    if kind != "tensor" or value.tensor.tensor_shape.dim:
        return ""
    number = make_ndarray(value.tensor)
    return str(number[()]) if number.dtype.kind in "fiu" else ""
