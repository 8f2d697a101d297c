"""What a study may spend, in full runs, and on what."""

import math
from typing import NamedTuple

from glissando.errors import ScheduleError
from glissando.studies.settings import Settings

FINALISTS = 3
"""How many candidates are compared in the end."""

FEWEST_SEEDS = 2
"""With how many fresh seeds they are compared at least."""

FOR_THE_END = 0.45
"""Which part of a budget the last comparison may take."""

FOR_THE_SHORTEST = 0.55
"""Which part of the rest the shortest runs may take, unless best peaks are far from those tried."""

FOR_THE_NEXT = 4
"""For how many runs of the next length there is to be enough even then: two peaks of two."""


class End(NamedTuple):
    """The last comparison: how many of the best are in it, the baselines beside them, the seeds."""

    finalists: int
    baselines: int
    seeds: int

    @property
    def cost(self) -> int:
        """How many full runs it takes."""
        return (self.finalists + self.baselines) * self.seeds


class Budget:
    """What a study has spent and may spend.

    Args:
        settings: what is asked.

    Raises:
        ScheduleError: the budget is too small for the smallest study.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.whole = settings.budget
        self.spent = 0.0
        self.reserved, self.finalists = 0, FINALISTS
        if self.whole is not None:
            count, steps = len(settings.candidates), settings.lengths[0]
            begin, least = self.cost(count, steps), self._smallest(count)
            if begin + least.cost > self.whole:
                raise ScheduleError(
                    f"study: `budget` must be {begin + least.cost:.3g} full runs or more, got "
                    f"{self.whole:g}: {count} candidates at one peak each in runs of {steps:,} "
                    f"updates take {begin:.3g}, and the last comparison, of "
                    f"{least.finalists} with {least.seeds} seeds, {least.cost}"
                )
            most = max(FOR_THE_END * self.whole, least.cost)
            end = self._end(count, 0, min(most, self.whole - begin))
            self.reserved, self.finalists = end.cost, end.finalists

    def cost(self, runs: int, steps: int) -> float:
        """Return what runs of a length cost, in full runs."""
        return runs * steps / self.settings.steps

    def spend(self, runs: int, steps: int) -> None:
        """Count runs."""
        self.spent += self.cost(runs, steps)

    def affords(self, runs: int, steps: int) -> bool:
        """Return whether there is enough for runs beside the last comparison."""
        most = self.most(steps)
        return most is None or runs <= most

    def most(self, steps: int) -> int | None:
        """Return for how many runs of a length there is enough; None if for any number."""
        return self._most(steps, math.inf)

    def most_of_shortest(self, *, far: bool = False) -> int | None:
        """Return how many more of the shortest runs may be made; None if any number.

        Args:
            far: whether best peaks are far from those tried.
        """
        if self.whole is None:
            return None
        shortest, *longer = self.settings.lengths
        beside = self.whole - self.reserved
        after = self.cost(FOR_THE_NEXT, longer[0]) if len(longer) > 1 else 0.0
        limit = beside - after if far else FOR_THE_SHORTEST * beside
        return self._most(shortest, max(limit, 0.0))

    def _most(self, steps: int, limit: float) -> int | None:
        if self.whole is None:
            return None
        left = min(self.whole - self.reserved, limit) - self.spent
        return max(0, math.floor(left * self.settings.steps / steps + 1e-9))

    def end(self, candidates: int, baselines: int) -> End:
        """Return the last comparison that is made of what is left.

        Args:
            candidates: how many are left.
            baselines: how many baselines are not among the best.
        """
        if self.whole is None:
            return End(min(FINALISTS, candidates), baselines, self.settings.seeds)
        return self._end(candidates, baselines, (self.whole - self.spent) * (1 + 1e-9))

    def _end(self, candidates: int, baselines: int, most: float) -> End:
        seeds, best = self.settings.seeds, min(FINALISTS, candidates)
        more = [End(best, baselines, n) for n in range(seeds, FEWEST_SEEDS, -1)]
        more += [End(best, 0, n) for n in range(seeds, FEWEST_SEEDS, -1)]
        more += [End(best, baselines, FEWEST_SEEDS), End(best, 0, FEWEST_SEEDS)]
        return next((end for end in more if end.cost <= most), self._smallest(candidates))

    def _smallest(self, candidates: int) -> End:
        return End(min(2, candidates), 0, FEWEST_SEEDS)
