"""The tables: how far forecasts were from what came out, and what else their compute would buy."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from operator import sub
from statistics import fmean, stdev
from typing import Any, TypeVar

import glissando as gl
from bench.forecast.plan import HELD_OUT, PILOTS, Run, forecast_at, linear_peaks, same_but_seeds
from bench.forecast.runs import Store

Forecast = Callable[[list[gl.Curve]], Callable[[gl.Schedule], Any]]
"""From pilots to what says of a schedule which `loss` it ends at, between `low` and `high`."""

Losses = dict[Run, dict[str, float]]
"""The losses of the held-out schedules, by the run that has all in common with them but that."""

Name = TypeVar("Name")


class Noise:
    """What the seed makes of runs that are otherwise the same: standard deviations in nats.

    Args:
        ends: by the name of a schedule, the losses with each seed.
    """

    def __init__(self, ends: dict[str, list[float]]) -> None:
        self.runs = {name: stdev(losses) for name, losses in ends.items()}
        self.pairs = {
            f"{a} − {b}": stdev(map(sub, ends[a], ends[b])) for a, b in combinations(ends, 2)
        }
        self.floor = mean_square(self.runs.values())
        """The noise floor: that of one run."""
        self.order = mean_square(self.pairs.values()) / 2**0.5
        """That of one run without what its seed does to all schedules alike."""


def mean_square(values: Iterable[float]) -> float:
    """Return the root of the mean square."""
    return fmean(value**2 for value in values) ** 0.5


@dataclass(frozen=True)
class Score:
    """How well losses were foretold. Regrets are in nats."""

    error: float
    """The mean of the errors, in percent of the losses."""
    floors: float
    """The mean of the errors, in noise floors: see `Noise`."""
    worst: float
    """The largest of the errors, in percent."""
    worst_of: object
    tau: float
    """Kendall's rank correlation."""
    pairs: float
    """Of the pairs further apart than four times `Noise.order`, how many are in order, in %."""
    regret: float
    """How much worse than the best the one is that was thought the best."""
    regret_of_3: float
    """How much worse the best of those three is that were thought the best."""

    @classmethod
    def of(cls, said: dict[Name, float], true: dict[Name, float], noise: Noise) -> "Score":
        errors = {name: abs(said[name] - loss) for name, loss in true.items()}
        percents = {name: 100 * error / true[name] for name, error in errors.items()}
        worst = max(percents, key=lambda name: percents[name])
        agree, far = [], []
        for a, b in combinations(true, 2):
            apart = true[a] - true[b]
            agree.append(sign(apart) * sign(said[a] - said[b]))
            if abs(apart) > 4 * noise.order:
                far.append(agree[-1] > 0)
        order, best = sorted(true, key=lambda name: said[name]), min(true.values())
        return cls(
            error=fmean(percents.values()),
            floors=fmean(errors.values()) / noise.floor,
            worst=percents[worst],
            worst_of=worst,
            tau=fmean(agree),
            pairs=100 * fmean(far),
            regret=true[order[0]] - best,
            regret_of_3=min(true[name] for name in order[:3]) - best,
        )

    heads = ("error %", "in floors", "worst %", "tau", "pairs %", "regret", "of 3")

    @property
    def cells(self) -> list[str]:
        """What a table says of it; the last four are of the order alone."""
        errors = f"{self.error:.2f}", f"{self.floors:.1f}", f"{self.worst:.1f} ({self.worst_of})"
        order = f"{self.tau:.2f}", f"{self.pairs:.0f}"
        return [*errors, *order, f"{self.regret:.4f}", f"{self.regret_of_3:.4f}"]


def sign(x: float) -> int:
    return (x > 0) - (x < 0)


class Results:
    """What the runs say that were made."""

    def __init__(self, store: Store) -> None:
        self.store = store
        ends: dict[str, list[float]] = {}
        for run in same_but_seeds(self.last):
            ends.setdefault(run.shape, []).append(self.last(run))
        self.noise = Noise(ends)

    def last(self, run: Run) -> float:
        return self.store.curve(run).last

    def true(self, run: Run) -> dict[str, float]:
        """Return what the held-out schedules gave, all else being a run's."""
        return {each.shape: self.last(each) for each in run.of(HELD_OUT)}

    def said(self, run: Run, forecast: Forecast) -> dict[str, Any]:
        """Return what is forecast for them from their pilots."""
        said = forecast([self.store.curve(pilot) for pilot in run.of(PILOTS)])
        return {each.shape: said(each.schedule) for each in run.of(HELD_OUT)}


def report(results: Results, forecast: Forecast) -> str:
    """Return the tables, in Markdown."""
    places = forecast_at(results.last)
    true = {place: results.true(place) for place in places}
    found = {place: results.said(place, forecast) for place in places}
    said = {place: {name: one.loss for name, one in of.items()} for place, of in found.items()}
    short = {place: results.true(place.shorter) for place in places[:2]}
    parts = [
        forecasts(found, said, true, results.noise),
        rivals(results, said, true, short),
        noises(results.noise),
        losses(said, true),
    ]
    return "\n\n".join(parts)


def forecasts(found: dict[Run, dict[str, Any]], said: Losses, true: Losses, noise: Noise) -> str:
    head = ["pilots of", *Score.heads, "held by intervals %"]
    rows = []
    for run, outcome in true.items():
        held = [
            found[run][name].low <= loss <= found[run][name].high for name, loss in outcome.items()
        ]
        score = Score.of(said[run], outcome, noise)
        rows.append([named(run), *score.cells, f"{100 * fmean(held):.0f}"])
    return markdown(head, rows)


def rivals(results: Results, said: Losses, true: Losses, short: Losses) -> str:
    """Return what chooses best among the schedules at both peaks, and what it costs."""
    outcome = joined(true[run] for run in short)
    pilots = sum(cost(run.of(PILOTS)) for run in short)
    shorter = sum(cost(run.shorter.of(HELD_OUT)) for run in short)
    steps = next(iter(short)).shorter.steps
    rows = []
    for name, updates, losses in (
        ("forecast", pilots, joined(said[run] for run in short)),
        (f"all, complete, in {steps} updates", shorter, joined(short.values())),
    ):
        rows.append([name, f"{updates:,}", *Score.of(losses, outcome, results.noise).cells[3:]])
    for run in linear_peaks():
        regret = results.last(run) - min(outcome.values())
        rows.append([f"linear to zero from {run.peak:g}", "", "", "", f"{regret:.4f}", ""])
    return markdown(["chosen by", "updates", *Score.heads[3:]], rows)


def joined(parts: Iterable[dict[str, float]]) -> dict[tuple[int, str], float]:
    """Return one dictionary of several that have the same keys."""
    return {(i, name): loss for i, part in enumerate(parts) for name, loss in part.items()}


def cost(runs: Sequence[Run]) -> int:
    """Return how many updates runs take that are branches of one trunk."""
    return max(run.shared for run in runs) + sum(run.length - run.shared for run in runs)


def noises(noise: Noise) -> str:
    means = {"floor: one run": noise.floor, "order: one run, without its seed's part": noise.order}
    rows = [[name, f"{sd:.4f}"] for name, sd in (noise.runs | noise.pairs | means).items()]
    return markdown(["over seeds", "sd"], rows)


def losses(said: Losses, true: Losses) -> str:
    rows = []
    for run, outcome in true.items():
        rows.append([named(run), *(f"{loss:.3f}" for loss in outcome.values())])
        rows.append(["… forecast", *(f"{said[run][shape]:.3f}" for shape in outcome)])
    return markdown(["loss", *HELD_OUT], rows)


def named(run: Run) -> str:
    return f"{run.text}, width {run.width}, peak {run.peak:g}, seed {run.seed}"


def markdown(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["-"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
