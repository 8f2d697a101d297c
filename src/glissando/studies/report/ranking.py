"""The last comparison of a study: the finalists on fresh seeds, in pairs."""

from typing import NamedTuple

from glissando.studies.candidate import Followed
from glissando.studies.report.done import Done, losses_of
from glissando.studies.report.printed import Places, counted
from glissando.studies.report.statistics import Difference, Estimate, cost, difference, estimate
from glissando.studies.rungs.decide import Decision


class Finalist(NamedTuple):
    """A candidate of the last comparison.

    Attributes:
        name: its name.
        peak: its peak; None for rates as they are written.
        schedule: what it follows in a full run.
        loss: the mean over the seeds of the comparison, with its interval.
        losses: the results by seed.
        difference: by how much the first finalist is better than this; None for the first.
    """

    name: str
    peak: float | None
    schedule: Followed
    loss: Estimate
    losses: dict[int, float]
    difference: Difference | None = None


def ranking_of(done: Done, decision: Decision) -> tuple[tuple[Finalist, ...], tuple[str, ...]]:
    """Return the finalists, the best first, and what is to be doubted about their comparison.

    They are compared on the seeds that all of them have a result of. One that failed with more than
    half of its seeds is left out. There is no comparison before each has been run.
    """
    found = {name: done.final(name, peak) for name, peak in decision.finalists}
    if not found or not all(found.values()):
        return (), ()
    losses = {name: losses_of(runs) for name, runs in found.items()}
    most = max(map(len, losses.values()))
    compared = {name: of for name, of in losses.items() if of and 2 * len(of) >= most}
    common = set.intersection(*(set(of) for of in compared.values())) if compared else set()
    doubts = [*_left_out(losses, set(compared), {n: len(runs) for n, runs in found.items()})]
    if not common:
        return (), tuple(doubts)
    if len(common) < most and decision.stage is None:
        doubts.append(
            f"The finalists are compared on {counted(len(common), 'seed')} of {most}: with the "
            "others a run failed."
        )
    goal = done.settings.goal
    finalists = [
        Finalist(
            name,
            peak,
            done.settings.candidate(name).at(peak, done.settings.steps),
            estimate([compared[name][seed] for seed in sorted(common)]),
            {seed: compared[name][seed] for seed in sorted(common)},
        )
        for name, peak in decision.finalists
        if name in compared
    ]
    first, *rest = sorted(finalists, key=lambda each: _order(each.loss, goal))
    against = (
        each._replace(difference=difference(first.losses, each.losses, goal)) for each in rest
    )
    return (first, *against), tuple(doubts)


def comparison(other: str, found: Difference, places: Places) -> str:
    """Return how sure it is that the best is better than another, in words.

    Example:
        >>> pair = difference({1: 1.0, 2: 1.5, 3: 1.2}, {1: 1.1, 2: 1.6, 3: 1.3})
        >>> comparison("cosine", pair, Places(2))
        'better than cosine in 3 of 3 seeds, by 0.10 (90 % interval 0.10 to 0.10)'
    """
    of = f"{found.won} of {counted(found.seeds, 'seed')}"
    diverged = f"; there {other} diverged in {found.diverged}" if found.diverged else ""
    if found.by is None:
        if found.diverged:
            return f"better than {other}, which diverged in {found.diverged} of its runs"
        return f"not compared with {other}: both diverged"
    by = places(found.by)
    if found.low is None:
        return (
            f"better than {other} by {by} with one seed, which does not say how sure that is"
            f"{diverged}"
        )
    by = f"by {by} (90 % interval {places.interval(found)})"
    if found.sure:
        return f"better than {other} in {of}, {by}{diverged}"
    return f"cannot be told apart from {other}: better in {of}, {by}{diverged}"


def _order(found: Estimate, goal: str) -> tuple[int, float]:
    mean = float("inf") if found.mean is None else found.mean
    return found.diverged, cost(mean, goal)


def _left_out(
    losses: dict[str, dict[int, float]], compared: set[str], runs: dict[str, int]
) -> list[str]:
    return [
        f"{name} is not compared: {runs[name] - len(of)} of its {counted(runs[name], 'run')} "
        "failed."
        for name, of in losses.items()
        if name not in compared
    ]
