"""What the stored results say: pure functions from results to numbers and plain statements."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import comb
from statistics import fmean
from typing import Any, TypeAlias

import numpy as np

from glissando.demo.plan import CONSTANT, NAMES, TUNED, Run, Setup, reported_runs, tuning_runs
from glissando.demo.store import Result
from glissando.schedule import Schedule

Lookup: TypeAlias = Callable[[Run], Result | None]


@dataclass(frozen=True)
class Row:
    """One schedule and what its runs gave, as far as they are done.

    Args:
        name: what the report calls it.
        schedule: None while the tuning has not found its rate.
        results: one per seed that is done.
    """

    name: str
    schedule: Schedule | None
    results: Sequence[Result] = ()

    @cached_property
    def curves(self) -> Any:
        """The accuracies as an array of a row per seed, a column per epoch."""
        return np.array([result["accuracy"] for result in self.results])

    @property
    def final(self) -> float:
        """The mean accuracy after the last epoch."""
        return float(self.curves[:, -1].mean())

    @property
    def spread(self) -> tuple[float, float]:
        """The lowest and the highest accuracy of a seed after the last epoch."""
        return float(self.curves[:, -1].min()), float(self.curves[:, -1].max())

    @property
    def spread_text(self) -> str:
        """The spread as the report prints it, or "" where one seed has none."""
        low, high = (f"{100 * end:.1f}" for end in self.spread)
        return f"{low} to {high}" if len(self.results) > 1 else ""

    @property
    def best(self) -> float:
        """The highest that the accuracy, averaged over the seeds, was after any epoch."""
        return float(self.curves.mean(axis=0).max())

    @property
    def cpu_seconds(self) -> float:
        """The mean CPU time of a run."""
        return fmean(result["cpu_seconds"] for result in self.results)

    def epochs_to(self, accuracy: float) -> int | None:
        """Return after how many epochs the mean over the seeds is `accuracy`; None if never."""
        reached = np.flatnonzero(self.curves.mean(axis=0) >= accuracy)
        return int(reached[0]) + 1 if reached.size else None

    def against(self, other: "Row") -> str:
        """Return how the final accuracy compares: "above", "below" or "level", or "" if unknown.

        It is above or below only if the spreads do not touch: each seed of the one beats each
        seed of the other.
        """
        if self.schedule == other.schedule or len(self.results) < 2 or len(other.results) < 2:
            return ""
        (low, high), (other_low, other_high) = self.spread, other.spread
        return "above" if low > other_high else "below" if high < other_low else "level"


@dataclass(frozen=True)
class Summary:
    """All results of a demo.

    Args:
        setup: what was to be trained.
        trials: the accuracies of each constant rate tried, one per seed that is done.
        tuned: the rate chosen, or None while a trial is missing.
        rows: one per schedule, in the report's order.
        done: how many runs are done, tuning included.
    """

    setup: Setup
    trials: dict[float, list[float]]
    tuned: float | None
    rows: tuple[Row, ...]

    @property
    def total(self) -> int:
        """How many runs there are in all."""
        return self.setup.seeds * (len(self.trials) + len(self.rows))

    @property
    def done(self) -> int:
        """How many runs are done."""
        return sum(map(len, self.trials.values())) + sum(len(row.results) for row in self.rows)

    def row(self, name: str) -> Row:
        """Return the row of that name."""
        return next(row for row in self.rows if row.name == name)


def choose_rate(tuning: dict[float, list[Run]], lookup: Lookup) -> float | None:
    """Return the rate with the highest mean final accuracy, the lowest of equals.

    None if a result is missing.
    """
    means = {}
    for rate, runs in tuning.items():
        results = [lookup(run) for run in runs]
        if None in results:
            return None
        means[rate] = fmean(result["accuracy"][-1] for result in results if result)
    return min(means, key=lambda rate: (-means[rate], rate))


def summarize(setup: Setup, lookup: Lookup) -> Summary:
    """Return what the results that `lookup` finds say."""
    tuning = tuning_runs(setup)
    tuned = choose_rate(tuning, lookup)
    rows = {name: Row(name, None) for name in NAMES}
    for name, runs in reported_runs(setup, tuned).items():
        found = [result for run in runs if (result := lookup(run))]
        rows[name] = Row(name, runs[0].schedule, found)
    trials = {
        rate: [result["accuracy"][-1] for run in runs if (result := lookup(run))]
        for rate, runs in tuning.items()
    }
    return Summary(setup, trials, tuned, tuple(rows.values()))


def statements(summary: Summary) -> list[str]:
    """Return, in plain sentences drawn from the numbers, whether the schedules helped."""
    said = []
    rated = [row for row in summary.rows if row.results]
    if rated:
        top = max(rated, key=lambda row: row.final)
        said.append(f"Highest mean final accuracy: {top.name}, {percent(top.final)}.")
    for name, words in ((CONSTANT, "the tip's constant rate"), (TUNED, "the tuned constant rate")):
        reference = summary.row(name)
        verdicts = {row.name: row.against(reference) for row in summary.rows}
        of = sum(map(bool, verdicts.values()))
        if not of or not reference.schedule:
            continue
        parts = []
        for verdict, place in (
            ("above", f"of {of} schedules above it by more than the spread over seeds"),
            ("level", "within the spread"),
            ("below", "below it by more than the spread"),
        ):
            names = [other for other, found in verdicts.items() if found == verdict]
            these = f" ({', '.join(names)})" if names else ""
            parts.append(f"{len(names) or 'none'} {place}{these}")
        said.append(
            f"Against {words} {reference.schedule(0):g}, which ends at {percent(reference.final)}: "
            f"{'; '.join(parts)}."
        )
    said.extend(_cautions(summary))
    return said


def _cautions(summary: Summary) -> list[str]:
    said = []
    seeds, tuned, rates = summary.setup.seeds, summary.tuned, sorted(summary.trials)
    tip = summary.row(CONSTANT).schedule
    if tuned is not None and tip is not None:
        if tuned == tip(0):
            said.append(
                "The tuning chose the tip's own rate: the two constant rows are the same runs."
            )
        elif tuned > tip(0):
            said.append(
                f"The tip's five never go above {tip(0):g}; the tuned constant is "
                f"{tuned / tip(0):.3g} times as high. What parts them from it is the size of the "
                "rate as well as its shape."
            )
        if tuned in (rates[0], rates[-1]):
            said.append(
                f"The tuned rate is the {'lowest' if tuned == rates[0] else 'highest'} that was "
                "tried: a better one may lie beyond."
            )
    if seeds == 1:
        said.append("One seed has no spread: nothing here shows that one schedule beats another.")
    else:
        said.append(
            f"The spread goes from the lowest to the highest of the {seeds} seeds, and 'by more "
            "than the spread' means that each seed of the one beats each seed of the other. Two "
            f"equal schedules part like that in about 1 of {comb(2 * seeds, seeds) // 2:,} "
            "comparisons, by chance."
        )
    return said


def as_data(summary: Summary) -> dict[str, Any]:
    """Return the table and the statements as plain values, for JSON."""
    constant, tuned = summary.row(CONSTANT), summary.row(TUNED)
    table = []
    for row in summary.rows:
        entry: dict[str, Any] = {"name": row.name, "seeds": len(row.results)}
        entry["schedule"] = str(row.schedule) if row.schedule else None
        if row.results:
            entry["final_accuracy"] = row.final
            entry["final_accuracy_spread"] = row.spread
            entry["cpu_seconds"] = row.cpu_seconds
            for name, reference in (("constant", constant), ("tuned_constant", tuned)):
                if reference.results:
                    entry[f"against_{name}"] = row.against(reference) or None
                    entry[f"epochs_to_best_of_{name}"] = row.epochs_to(reference.best)
        table.append(entry)
    return {
        "data": summary.setup.data,
        "epochs": summary.setup.epochs,
        "versions": summary.setup.versions,
        "runs_done": summary.done,
        "runs": summary.total,
        "tried_rates": [
            {"rate": rate, "accuracy": values} for rate, values in summary.trials.items()
        ],
        "tuned_rate": summary.tuned,
        "table": table,
        "statements": statements(summary),
    }


def percent(accuracy: float) -> str:
    """Return an accuracy as the report prints it.

    Example:
        >>> percent(0.98765)
        '98.8%'
    """
    return f"{100 * accuracy:.1f}%"
