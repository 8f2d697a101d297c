"""The bar of a study: updates made of all that are expected, and the time that is left."""

import sys
import threading
from collections.abc import Callable, Sequence
from itertools import islice
from typing import TYPE_CHECKING

from glissando.studies.runs.run import Run

if TYPE_CHECKING:
    from typing_extensions import Self

LOOK = 2.0
"""After how many seconds the bar looks how far the runs under way are."""

MOST = 64
"""How many runs it looks at: those under way are among the first that are not done."""


class Progress:
    """A bar on standard error, in updates, which moves while a long run is under way.

    Args:
        done: how many were made before.
        planned: how many the whole study takes at most.
        reached: returns at which step a run is by now.
        shown: whether there is a bar.
    """

    def __init__(
        self, done: int, planned: int, reached: Callable[[Run], int], *, shown: bool
    ) -> None:
        from tqdm import tqdm

        self.done = done
        self.reached = reached
        self.pending: dict[str, Run] = {}
        self.lock = threading.Lock()
        self.closed = threading.Event()
        self.bar = tqdm(
            initial=done,
            total=max(done, planned),
            unit="update",
            unit_scale=True,
            smoothing=0.05,
            disable=not shown,
            file=sys.stderr,
        )
        self.thread = threading.Thread(target=self._follow, daemon=True)
        if shown:
            self.thread.start()

    def __enter__(self) -> "Self":
        return self

    def __exit__(self, *_: object) -> None:
        self.closed.set()
        if self.thread.is_alive():
            self.thread.join()
        self.bar.close()

    def begin(self, title: str, runs: Sequence[Run]) -> None:
        """Begin a stage with the runs that are still to be made."""
        with self.lock:
            self.pending = {run.key: run for run in runs}
            self.bar.set_description(title)
            self.bar.total = max(self.bar.total, self.done + sum(run.steps for run in runs))

    def end(self, run: Run) -> None:
        """Count a run."""
        with self.lock:
            del self.pending[run.key]
            self.done += run.steps
            self._show(self.done)

    def _follow(self) -> None:
        while not self.closed.wait(LOOK):
            with self.lock:
                first = list(islice(self.pending.values(), MOST))
                self._show(self.done + sum(map(self.reached, first)))

    def _show(self, updates: int) -> None:
        """Let the bar stand at so many updates; it never goes back."""
        if updates > self.bar.n:
            self.bar.update(updates - self.bar.n)
