"""Ctrl-C ends a range test between two updates, and never while a state is put back."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class Interruption:
    """A Ctrl-C that waits until nothing is half done."""

    def __init__(self) -> None:
        self.came = False
        self.must_wait = False

    def __call__(self, *_: Any) -> None:
        """Note a Ctrl-C; a second one does not wait for the end of a long update."""
        impatient, self.came = self.came, True
        if impatient and not self.must_wait:
            self.check()

    def check(self) -> None:
        """Raise the Ctrl-C that came; no other is raised on the way out."""
        if self.came:
            self.must_wait = True
            raise KeyboardInterrupt


@contextmanager
def deferred() -> Iterator[Interruption]:
    """Within this, Ctrl-C waits for `check`; what came and was not raised is raised at the end.

    Only the main thread sees it, and only where nobody else has a use for it.
    """
    interruption = Interruption()
    main = threading.current_thread() is threading.main_thread()
    if not main or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield interruption
        return
    signal.signal(signal.SIGINT, interruption)
    try:
        yield interruption
    finally:
        interruption.must_wait = True
        signal.signal(signal.SIGINT, signal.default_int_handler)
    interruption.check()
