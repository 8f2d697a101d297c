"""Where the bytes of tensors are kept: in the CPU's memory, or in a file."""

import os
import tempfile
import weakref
from collections.abc import Callable
from functools import partial
from typing import Any

import torch


class Shelf:
    """Keeps bytes in memory, or in a file that only this process sees.

    The file has no name where the system allows that, and is gone when the shelf is, or with the
    process, however it ends.

    Args:
        directory: where the file is to be; None: in memory.

    Raises:
        OSError: there can be no file there.
    """

    def __init__(self, directory: str | os.PathLike[str] | None) -> None:
        self._file: Any = None
        if directory is not None:
            # without a buffer: what could not be written must not be tried again at the end
            self._file = tempfile.TemporaryFile(dir=directory, buffering=0)  # noqa: SIM115
            weakref.finalize(self, self._file.close)

    def put(self, data: Any) -> Callable[[], Any]:
        """Keep a tensor of bytes; return what returns it, on the CPU.

        Raises:
            OSError: the disk is full, say.
        """
        if self._file is None:
            copy = data.to("cpu", copy=True)
            return lambda: copy
        rest, place = memoryview(data.cpu().numpy()), self._file.tell()
        while rest:
            rest = rest[self._file.write(rest) :]
        return partial(self._read, place, data.numel())

    def flush(self) -> None:
        """Wait until the file is on the disk: some disks only then say that they are full."""
        if self._file is not None:
            os.fsync(self._file.fileno())

    def _read(self, place: int, size: int) -> Any:
        data = torch.empty(size, dtype=torch.uint8, device="cpu")
        rest = memoryview(data.numpy())
        self._file.seek(place)
        while rest:
            count = self._file.readinto(rest)
            if not count:
                raise OSError(f"the file of the saved state ends {len(rest)} bytes too early")
            rest = rest[count:]
        return data
