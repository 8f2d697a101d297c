"""Arrays that grow, beyond what memory holds: a long one lies in a file."""

from contextlib import ExitStack
from tempfile import TemporaryFile
from typing import Any

import numpy as np

IN_MEMORY = 2**22
"""How many numbers stay in memory."""


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
