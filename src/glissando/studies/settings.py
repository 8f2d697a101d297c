"""What a study is asked: which candidates, how long, at which peaks, with how many seeds."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from glissando.errors import ScheduleError, one_of, shown
from glissando.families import Constant, Cosine, Linear, Rex, Sqrt
from glissando.forecasting.rules_of_thumb import warmup_for
from glissando.logs.fields import Text
from glissando.recipes.methods.one_cycle import one_cycle
from glissando.rules import MAX_RATE, Choice, Flag, Many, Maybe, Number, Rule, Steps
from glissando.schedule import Schedule
from glissando.studies.candidate import Candidate
from glissando.value import Value

PEAKS = Many(
    Number(0, MAX_RATE, above=True), "a list of rates, each above the one before", increasing=True
)
RUNGS = Many(
    Number(0, 1, above=True), "a list of fractions, each above the one before", increasing=True
)

RUNGS_BY_DEFAULT = (1 / 9, 1 / 3)
"""How long the shorter runs are, as fractions of the full run."""

BASELINES = ("constant", "cosine")
"""The candidates that the winner is compared with in any case."""

FEWEST = 20
"""The fewest updates of a shorter run: below that a rung is left out."""


class _Candidates(Rule):
    """Candidates."""

    words = "one candidate or more, each with a name of its own"

    def check(self, value: Any, where: str) -> tuple[Candidate, ...]:
        found = tuple(value)
        names = {each.name for each in found if isinstance(each, Candidate)}
        if not found or len(names) != len(found):
            raise ScheduleError(f"{where} must be {self.words}, got {shown(list(value))}")
        return found


class Settings(Value):
    """What a study is asked; it says nothing of machines.

    Args:
        candidates: what is tried.
        steps: how many updates a full run makes.
        peaks: the peaks that the search begins with.
        rungs: how long the shorter runs are, as fractions of the full run.
        seeds: with how many fresh seeds the best three are compared in the end, 2 or more.
        budget: how much the study may cost, in full runs; None for as much as it takes.
        widen: whether peaks are searched beyond `peaks`, and between them; otherwise only these are
            tried.
        baselines: the names of candidates that are in the last comparison even if they are not
            among the best three; "constant" and "cosine" by default, if there are such.
        goal: "min" if lower results are better, "max" if higher ones are.

    Raises:
        ScheduleError: an argument breaks its rule.
    """

    candidates: Annotated[Sequence[Candidate], _Candidates()]
    steps: Steps
    peaks: Annotated[Sequence[float], PEAKS]
    rungs: Annotated[Sequence[float], RUNGS] = RUNGS_BY_DEFAULT
    seeds: Annotated[int, Number(2, 1000, whole=True)] = 5
    budget: Annotated[float | None, Maybe(Number(0, MAX_RATE, above=True))] = None
    widen: Annotated[bool, Flag()] = True
    baselines: Annotated[Sequence[str], Many(Text(), "a list of names")] = BASELINES
    goal: Annotated[str, Choice("min", "max")] = "min"

    def check(self) -> None:
        """Hold the baselines to the candidates."""
        names = [each.name for each in self.candidates]
        for name in set(self.baselines) - set(BASELINES):
            one_of(name, names, "Settings: `baselines`")

    @property
    def compared(self) -> list[str]:
        """The baselines that there are."""
        names = {each.name for each in self.candidates}
        return [name for name in self.baselines if name in names]

    @property
    def lengths(self) -> tuple[int, ...]:
        """How many updates the runs of each rung make, the full run last."""
        shorter = {round(fraction * self.steps) for fraction in self.rungs}
        return (*sorted(n for n in shorter if FEWEST <= n < self.steps), self.steps)

    def candidate(self, name: str) -> Candidate:
        """Return a candidate by its name."""
        return next(each for each in self.candidates if each.name == name)


def standard_candidates(steps: int, warmup: int | None = None) -> dict[str, Schedule]:
    """Return what a study tries by default: schedules with the peak 1.

    Args:
        steps: how many updates the full run makes.
        warmup: how many of them the warm-up takes; by default 5 %, at most 2,000.

    Example:
        >>> list(standard_candidates(1000))
        ['constant', 'linear', 'cosine', 'wsd', 'wsd_sqrt', 'one_cycle', 'rex']
    """
    warmup = warmup_for(steps) if warmup is None else warmup
    rest, cooldown = steps - warmup, round(0.2 * steps)
    begin = Linear(0.0, 1.0, warmup)
    stable = begin >> Constant(1.0, rest - cooldown)
    return {
        "constant": begin >> Constant(1.0, rest),
        "linear": begin >> Linear(1.0, 0.0, rest),
        "cosine": begin >> Cosine(1.0, 0.0, rest),
        "wsd": stable >> Linear(1.0, 0.0, cooldown),
        "wsd_sqrt": stable >> Sqrt(1.0, 0.0, cooldown),
        "one_cycle": one_cycle(1.0, steps=steps),
        "rex": begin >> Rex(1.0, 0.0, rest),
    }


def candidates_of(
    given: Mapping[str, Any] | None, literal: Sequence[str], steps: int
) -> tuple[Candidate, ...]:
    """Return candidates from schedules by name."""
    shapes = standard_candidates(steps) if given is None else given
    for name in literal:
        if name not in shapes:
            raise ScheduleError(f"`literal` must be names of schedules, got {shown(name)}")
    return tuple(Candidate(n, shape, steps, n in literal) for n, shape in shapes.items())


def peaks_around(candidates: Sequence[Candidate]) -> tuple[float, ...]:
    """Return peaks to begin with: a third of the candidates' own peak, that, and three times it.

    Raises:
        ScheduleError: no candidate has a peak of its own that is a rate of a training.
    """
    own = sorted(c.peak for c in candidates if c.peak is not None and c.peak != 1.0)
    if not own:
        raise ScheduleError(
            "`peaks` must be a list of rates to begin with, such as [1e-4, 1e-3, 1e-2], got None: "
            "the schedules have no peaks of their own"
        )
    middle = own[len(own) // 2]
    return tuple(float(f"{middle * factor:.3g}") for factor in (1 / 3, 1.0, 3.0))
