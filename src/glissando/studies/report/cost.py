"""What a study has cost."""

from collections.abc import Iterable
from typing import NamedTuple

from glissando.studies.report.printed import counted
from glissando.studies.runs.run import Outcome, Run


class Failed(NamedTuple):
    """A run that gave no result.

    Attributes:
        run: what messages call it.
        error: why it failed.
        key: the name of its folder.
    """

    run: str
    error: str
    key: str


class Cost(NamedTuple):
    """What a study has cost.

    Attributes:
        runs: how many runs are done, those that failed included.
        updates: how many updates were made.
        full_runs: as many as so many full runs make.
        seconds: how long the runs took, one after another.
        shared: which part of the updates of all runs was taken over from other runs, which begin
            alike.
        diverged: how many runs diverged.
        failed: the runs that gave no result.
    """

    runs: int
    updates: int
    full_runs: float
    seconds: float
    shared: float
    diverged: int
    failed: tuple[Failed, ...]

    def __str__(self) -> str:
        parts = [
            f"{counted(self.runs, 'run')}, {counted(self.updates, 'update')}, as many as "
            f"{self.full_runs:.3g} full runs make; {time_text(self.seconds)} of training."
        ]
        if self.shared >= 0.005:
            parts.append(
                f"{100 * self.shared:.0f} % of the updates of these runs were shared with others "
                "that begin alike."
            )
        if self.diverged:
            parts.append(f"{counted(self.diverged, 'run')} diverged.")
        if self.failed:
            many = counted(len(self.failed), "run")
            parts.append(f"{many} failed; the next call tries again.")
        return " ".join(parts)


def cost_of(rows: Iterable[tuple[Run, Outcome]], steps: int) -> Cost:
    """Return what runs have cost.

    Args:
        rows: the runs that are done.
        steps: how many updates a full run makes.
    """
    runs = updates = begun = diverged = 0
    seconds = 0.0
    failed = []
    for run, outcome in rows:
        runs += 1
        updates += outcome.updates
        begun += outcome.began_at
        seconds += outcome.seconds
        diverged += outcome.diverged
        if outcome.failed:
            failed.append(Failed(run.label, outcome.error or "it gave no result", run.key))
    total = updates + begun
    shared = begun / total if total else 0.0
    return Cost(runs, updates, updates / steps, seconds, shared, diverged, tuple(failed))


def time_text(seconds: float) -> str:
    """Return a time in words.

    Example:
        >>> time_text(42), time_text(600), time_text(9000)
        ('42 s', '10 min', '2.5 h')
    """
    for unit, size in (("h", 3600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds:.3g} s"
