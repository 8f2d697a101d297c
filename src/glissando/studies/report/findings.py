"""What the runs of a study say, as values."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from glissando.studies.candidate import Followed
from glissando.studies.report.cost import Cost
from glissando.studies.report.done import Done, Tried
from glissando.studies.report.printed import Places
from glissando.studies.report.ranking import Finalist
from glissando.studies.report.saving import Saving
from glissando.studies.report.statistics import Estimate
from glissando.studies.runs.run import Run
from glissando.studies.runs.store import Log
from glissando.studies.settings import Settings

Budget = Mapping[str, Mapping[int, Tried]]

Peaks = Mapping[str, Mapping[int, tuple[Tried, ...]]]


class Winner(NamedTuple):
    """The best schedule of a study.

    Attributes:
        name: the candidate's name.
        peak: its peak; None for rates as they are written.
        schedule: what it follows in a full run.
        loss: the mean result, with its 90 % interval.
        steps: the length of the runs that it is the best of.
        final: whether it is the best of the last comparison, on fresh seeds.
    """

    name: str
    peak: float | None
    schedule: Followed
    loss: Estimate
    steps: int
    final: bool


class Pruning(NamedTuple):
    """A candidate that was tried no more.

    Attributes:
        candidate: its name.
        steps: the length of the runs that ruled it out.
        words: why, with both numbers.
    """

    candidate: str
    steps: int
    words: str


@dataclass(frozen=True, eq=False, repr=False)
class Findings:
    """What a study found.

    Attributes:
        settings: what the study was asked.
        winner: the best schedule, or the best one known by now; None if no run gave a result.
        ranking: the finalists, the best first, each with its difference to the best.
        saving: what the winner saves against the best constant rate and against a cosine.
        peaks: by candidate and length, what each peak gave: the sensitivity to it.
        budget: by candidate and length, the best of these; the candidates that came furthest and
            were best there are first.
        pruned: the candidates that were ruled out, and why.
        doubts: what is to be doubted, in sentences.
        cost: what the study has cost.
        partial: whether the study is not complete.
        command: the shell command that repeats or continues it.
        task: what is trained, as plain values.
        places: how results are printed.
        done: all runs.
        logged: returns the log of a run.
    """

    settings: Settings
    winner: Winner | None
    ranking: tuple[Finalist, ...]
    saving: tuple[Saving, ...]
    peaks: Peaks
    budget: Budget
    pruned: tuple[Pruning, ...]
    doubts: tuple[str, ...]
    cost: Cost
    partial: bool
    command: str
    task: Mapping[str, Any]
    places: Places
    done: Done
    logged: Callable[[Run], Log]
