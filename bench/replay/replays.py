"""Replay studies on runs that were made before: `make replay`.

A training is a look into a table of losses, plus noise. The table of the 124M grid is in
`grid.py`, and that of a small task in `small.py`; a law of the loss with drawn exponents is a
third. Regret is how much worse the winner is than the best of the full grid, both without noise.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from statistics import fmean, stdev

import numpy as np

from bench.replay import grid
from bench.replay.truth import Cell, Truth
from glissando.studies.rungs.decide import decide
from glissando.studies.rungs.pruning import times_three
from glissando.studies.runs.run import Outcome, Run
from glissando.studies.settings import Settings

REDUCTION = 3
"""Successive halving and ASHA keep one of so many."""


@dataclass
class Result:
    """What a way to choose came to: the regret in nats, and what it cost, in full runs."""

    regret: float
    cost: float


class Replay:
    """Runs of a truth, each with noise that is its own.

    Args:
        truth: what losses are without noise.
        seed: what draws the noise.
    """

    def __init__(self, truth: Truth, seed: int) -> None:
        self.truth = truth
        self.random = np.random.default_rng(seed)
        self.known: dict[tuple[Cell, int], float] = {}
        self.cost = 0.0

    def loss(self, shape: str, peak: float, steps: int, seed: int = 0) -> float:
        """Return the loss of a run, which is made if it was not."""
        cell = shape, peak, steps
        if (cell, seed) not in self.known:
            noise = self.truth.noise * self.random.standard_normal()
            self.known[cell, seed] = self.truth.loss(*cell) + noise
            self.cost += steps / self.truth.steps
        return self.known[cell, seed]

    def of(self, shape: str, peak: float) -> Result:
        """Return what it came to, if this is the winner."""
        return Result(self.truth.loss(shape, peak, self.truth.steps) - self.truth.best, self.cost)


def study(replay: Replay, settings: Settings) -> Result:
    """Return what a study chooses: the lowest mean over the fresh seeds."""
    known: dict[tuple[str, float | None, int, int], Outcome] = {}

    def outcome_of(run: Run) -> Outcome | None:
        return known.get((run.candidate, run.peak, run.steps, run.seed))

    while (decision := decide(settings, outcome_of)).stage is not None:
        for run in decision.stage.runs:
            loss = replay.loss(run.candidate, run.peak or 1.0, run.steps, run.seed)
            known[run.candidate, run.peak, run.steps, run.seed] = Outcome(loss)
        last = decision.stage.runs

    def mean(finalist: tuple[str, float | None]) -> float:
        same = [run for run in last if (run.candidate, run.peak) == finalist]
        return fmean(
            replay.loss(run.candidate, run.peak or 1.0, run.steps, run.seed) for run in same
        )

    shape, peak = min(decision.finalists, key=mean)
    return replay.of(shape, peak or 1.0)


def shortest(replay: Replay, peaks: Sequence[float], lengths: Sequence[int]) -> Result:
    """Return the best of complete runs of the shortest length, each shape at each peak."""
    truth, steps = replay.truth, lengths[0]
    cells = [(shape, peak) for shape in truth.shapes for peak in peaks]
    return replay.of(*min(cells, key=lambda cell: replay.loss(*cell, steps)))


def halving(replay: Replay, peaks: Sequence[float], lengths: Sequence[int]) -> Result:
    """Return the last of complete runs of growing length, of which the best third is kept."""
    cells = [(shape, peak) for shape in replay.truth.shapes for peak in peaks]
    for steps in lengths:
        cells.sort(key=lambda cell: replay.loss(*cell, steps))
        best, cells = cells[0], cells[: max(1, len(cells) // REDUCTION)]
    return replay.of(*best)


def all_full(replay: Replay, peaks: Sequence[float], lengths: Sequence[int]) -> Result:
    """Return the best of the full grid: each shape at each peak, one seed."""
    return shortest(replay, peaks, lengths[-1:])


def asha(runs: Sequence[tuple[Cell, list[float]]], noise: float, seed: int) -> Result:
    """Return what ASHA chooses by losses of unfinished runs.

    A job is promoted as soon as it is in the best third of its rung; if none is, a new one begins.
    Rungs are at 1/9, 1/3 and all of the run. Jobs come in an order that is drawn.

    Source: L. Li et al., arXiv:1810.05934 (2018), algorithm 2, with one worker.
    """
    random = np.random.default_rng(seed)
    order = list(random.permutation(len(runs)))
    parts = (1 / 9, 1 / 3, 1.0)
    rungs: list[dict[int, float]] = [{}, {}, {}]
    promoted: list[set[int]] = [set(), set()]
    cost = 0.0
    while True:
        for level in (1, 0):
            best = sorted(rungs[level], key=lambda job: rungs[level][job])
            able = [j for j in best[: len(best) // REDUCTION] if j not in promoted[level]]
            if able:
                job, to = able[0], level + 1
                promoted[level].add(job)
                break
        else:
            if not order:
                break
            job, to = order.pop(), 0
        rungs[to][job] = runs[job][1][to] + noise * random.standard_normal()
        cost += parts[to] - (parts[to - 1] if to else 0.0)
    winner = min(rungs[2] or rungs[1] or rungs[0], key=lambda job: (rungs[2] or rungs[1])[job])
    return Result(runs[winner][1][2] - min(losses[2] for _, losses in runs), cost)


def asha_runs() -> list[tuple[Cell, list[float]]]:
    """Return the full runs of the grid, each with its losses after 1/9, 1/3 and all of it."""
    return [
        ((row["shape"], row["peak"], row["steps"]), [*row["early"], row["loss"]])
        for row in grid.runs()
        if "early" in row
    ]


def row(name: str, results: Iterable[Result], noise: float, whole: float) -> list[str]:
    """Return a row of a table: how near the best the chosen ones were, and at what cost."""
    found = list(results)
    regrets = [result.regret for result in found]
    cost = fmean(result.cost for result in found)
    near = (100 * fmean(regret <= floors * noise for regret in regrets) for floors in (1, 2))
    return [
        name,
        f"{fmean(regrets):.4f}",
        *(f"{percent:.0f}" for percent in near),
        f"{cost:.1f}",
        f"{100 * cost / whole:.0f}",
    ]


HEAD = ["chosen by", "regret", "within 1 floor, %", "2 floors, %", "full runs", "of the grid, %"]

Way = Callable[[Replay, Sequence[float], Sequence[int]], Result]

OTHERS: dict[str, Way] = {
    "halving, complete runs, the best third": halving,
    "the shortest complete runs alone": shortest,
    "the full grid, one seed": all_full,
}


def table(
    truths: Sequence[Truth],
    begin: Sequence[Sequence[float]],
    times: int,
    parts: Iterable[float | None],
    **asked: object,
) -> Iterator[list[str]]:
    """Yield the rows of studies, and of other ways to choose, on truths in turn."""
    lengths = Settings(truths[0].candidates, truths[0].steps, begin[0], **asked).lengths
    whole, noise = len(truths[0].shapes) * len(truths[0].peaks), truths[0].noise
    for part in parts:
        budget = None if part is None else part * whole
        words = "no budget" if part is None else f"a budget of {100 * part:.0f} %"
        results = []
        for seed in range(times):
            i = seed % len(truths)
            settings = Settings(
                truths[i].candidates, truths[i].steps, begin[i], budget=budget, **asked
            )
            results.append(study(Replay(truths[i], seed), settings))
        yield row(f"study, {words}", results, noise, whole)
    for name, way in OTHERS.items():
        replays = (Replay(truths[seed % len(truths)], seed) for seed in range(times))
        yield row(name, [way(each, each.truth.peaks, lengths) for each in replays], noise, whole)


def changes(name: str, truth: Truth, lengths: Sequence[int]) -> Iterator[list[str]]:
    """Yield rows of how much differences of shapes change while runs become longer."""
    for shapes in (list(truth.shapes), [each for each in truth.shapes if each != "constant"]):
        levels = [
            {shape: min(truth.loss(shape, peak, n) for peak in truth.peaks) for shape in shapes}
            for n in lengths
        ]
        spread = stdev(levels[0].values())
        for length, level in zip(lengths[1:], levels[1:], strict=True):
            moved = stdev(level[shape] - levels[0][shape] for shape in shapes)
            times = times_three(length / lengths[0])
            which = "all" if "constant" in shapes else "without the constant rate"
            cells = f"{spread:.4f}", f"{moved:.4f}", f"{moved / spread / times**0.5:.2f}"
            yield [name, which, f"{lengths[0]:,} to {length:,}", *cells]


CHANGES = ["runs", "shapes", "updates", "spread", "change", "per three times, in spreads"]
