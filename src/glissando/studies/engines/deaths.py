"""How often a run's process may be killed before the run has failed."""

from pathlib import Path

from glissando.studies.runs.checkpoints import Checkpoints
from glissando.studies.runs.run import Run

MOST_DEATHS = 3
"""How often it may be, without a new checkpoint between."""


class Deaths:
    """Deaths of the processes of a study's runs.

    A run that gets further each time, until somebody kills it, is not at fault.

    Args:
        root: the study's folder.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.known: dict[str, tuple[int, int]] = {}  # the step of the checkpoint, and the count

    def are_too_many(self, run: Run) -> bool:
        """Count a death of a run, and return whether the run has failed by it."""
        last = Checkpoints(self.root, run, share=False).last()
        step = last.step if last else 0
        at, count = self.known.get(run.key, (step, 0))
        self.known[run.key] = step, count + 1 if at == step else 1
        return self.known[run.key][1] >= MOST_DEATHS
