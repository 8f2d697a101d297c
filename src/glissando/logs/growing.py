"""Arrays that grow, beyond what memory holds: a long one lies in a file."""

import mmap
from collections.abc import Iterator
from contextlib import ExitStack
from tempfile import TemporaryFile
from typing import Any

import numpy as np

IN_MEMORY = 2**22
"""How many numbers stay in memory."""

PART = 2**20
"""How many numbers are worked on at once."""


class Growing:
    """Float64 numbers, taken part by part."""

    def __init__(self, closing: ExitStack) -> None:
        self.file = closing.enter_context(TemporaryFile())  # noqa: SIM115  # it is closed by `closing`
        self.count = 0

    def add(self, numbers: Any) -> None:
        """Take more."""
        np.ascontiguousarray(numbers, float).tofile(self.file)
        self.count += len(numbers)

    def array(self) -> Any:
        """Return them all; a file that is mapped goes when the array does."""
        self.file.flush()
        self.file.seek(0)
        if self.count <= IN_MEMORY:
            return np.fromfile(self.file)
        return np.memmap(self.file, float, shape=(self.count,))


def parts(*arrays: Any) -> Iterator[tuple[Any, ...]]:
    """Yield arrays of one length part by part; of those in files one part is in memory at once."""
    for at in range(0, len(arrays[0]), PART):
        yield tuple(array[at : at + PART] for array in arrays)
        for array in arrays:
            mapped = getattr(array, "base", None)
            if isinstance(mapped, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
                mapped.madvise(mmap.MADV_DONTNEED)  # the file keeps them
