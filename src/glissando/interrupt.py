"""Ctrl-C ends the command without a traceback, also while it is still being loaded.

This is imported before all else. It does nothing where the package is not the program that runs.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

EXIT_CODE = 130
"""What a shell calls a program that Ctrl-C ended."""


def _is_program() -> bool:
    """Return whether this process is `glissando ...` or `python -m glissando ...`."""
    name = sys.argv[0] if getattr(sys, "argv", None) else ""
    if name == "-m":  # while the package is imported; later it is the path of __main__
        words = sys.orig_argv
        return words[words.index("-m") + 1 :][:1] == ["glissando"] if "-m" in words else False
    return os.path.basename(name).removesuffix(".exe") == "glissando"


def _end(*_: Any) -> None:
    os._exit(EXIT_CODE)


@contextmanager
def interruptible() -> Iterator[None]:
    """Within this, Ctrl-C raises `KeyboardInterrupt` as usual, for a command to end in order."""
    import signal

    if signal.getsignal(signal.SIGINT) is not _end:
        yield
        return
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, _end)


if _is_program():
    import signal

    # a program in the background ignores it
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _end)
