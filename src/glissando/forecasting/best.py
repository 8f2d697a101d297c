"""The schedule that is predicted best at a horizon: among families of shapes, or of free shape."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from scipy.optimize import minimize, minimize_scalar

from glissando.errors import ScheduleError, one_of
from glissando.families import Constant, Cosine, Linear, Sqrt, Table
from glissando.forecasting.cooled import choose_peak
from glissando.forecasting.fit import decays_from, peak_of, warmed_up
from glissando.forecasting.history import Array
from glissando.forecasting.pilot_group import PilotGroup
from glissando.forecasting.prediction import Prediction, Ranking
from glissando.logs.curve import Curve
from glissando.rules import Number
from glissando.schedule import Schedule

Cooldown = Callable[[int], Schedule]
"""What leads from 1 to the end of a run in so many steps."""

SHAPES: dict[str, Cooldown] = {
    "linear": lambda n: Linear(1.0, 0.0, n),
    "cosine": lambda n: Cosine(1.0, 0.0, n),
    "sqrt": lambda n: Sqrt(1.0, 0.0, n),
}
"""What a rate may fall by, the simplest first."""

FAMILIES: dict[str, tuple[str, bool]] = {
    "linear": ("linear", True),
    "cosine": ("cosine", True),
    "wsd": ("linear", False),
    "wsd_cosine": ("cosine", False),
    "wsd_sqrt": ("sqrt", False),
}
"""Families by their names, the simplest first: their shape, and whether it takes all of the run."""

SHORTEST = 0.05
"""The shortest cooldown, as a fraction of the run."""

COARSE = 12
"""Of how many lengths the best is searched further."""

TIE = 2e-4
"""Losses closer than this fraction are equal: the laws' sums are not surer."""

FLOORS = 2.0
"""Within how many noise floors of a free shape the simplest family is looked for."""

KNOTS = 16
"""How many points a free shape has after the warm-up, beside those of the best family's corners."""

DIGITS = 4
"""To how many decimals of the peak its rates are given."""

ROUNDS = 40
"""How many steps its search has."""

FARTHER = 1.5
"""By what factor a cooldown may be longer than those of the pilots, in fractions of the run."""

WITHIN = Number(0, 1)
STEPS = Number(2, 2**53, whole=True)


class Best(NamedTuple):
    """The schedule that is predicted best.

    Attributes:
        schedule: the schedule; with `free=True` the simplest that is within `within` of the free
            shape, which is the best of `considered`.
        prediction: what it is predicted to give; its `doubts` are those of the choice, too.
        considered: the best of each family, and the free shape, the best first.
        reasons: what the choice rests on, in sentences.

    Example:
        >>> from glissando import Curve, forecast, pilots
        >>> from glissando.forecasting.laws import ConvexKernel
        >>> truth = ConvexKernel(2.5, 0.5, 0.3, 8.0, 200.0, rate=1e-3, steps=6000)
        >>> steps = list(range(200, 6001, 200))
        >>> runs = [
        ...     Curve(run.schedule, steps, truth(run.schedule, steps), branched_at=run.branched_at)
        ...     for run in pilots([1e-3], steps=10_000)
        ... ]
        >>> found = forecast(runs, law="convex_kernel").best(10_000)
        >>> found.considered.best.name, found.schedule.steps
        ('wsd', 10000)
    """

    schedule: Schedule
    prediction: Prediction
    considered: Ranking
    reasons: tuple[str, ...]

    def __str__(self) -> str:
        lines = [str(self.schedule), f"loss {self.prediction}", "", str(self.considered), ""]
        lines += ["Reasons:", *(f"- {reason}" for reason in self.reasons)]
        if self.prediction.doubts:
            lines += ["", "Doubts:", *(f"- {doubt}" for doubt in self.prediction.doubts)]
        return "\n".join(lines)

    def to_data(self) -> dict[str, Any]:
        """Return the JSON form: the schedule as its own form and as a text."""
        return {
            "schedule": self.schedule.to_data(),
            "text": str(self.schedule),
            "prediction": self.prediction.to_data(),
            "considered": self.considered.to_data(),
            "reasons": list(self.reasons),
        }


def best(
    groups: Sequence[PilotGroup],
    rank: Callable[[Mapping[str, Schedule], int], Ranking],
    steps: int,
    families: Sequence[str] | Mapping[str, Cooldown] | None,
    peaks: Sequence[float] | None,
    within: float | None,
    *,
    free: bool,
) -> Best:
    """Return the best schedule by groups of pilots: see `Forecast.best`."""
    steps = int(STEPS.check(steps, "best: `steps`"))
    limit = None if within is None else float(WITHIN.check(within, "best: `within`"))
    members = _members(families)
    choice = choose_peak(groups, peaks)
    group = choice.group
    search = _Search(group, steps)
    shapes = {name: search.family(cooldown, whole=whole) for name, cooldown, whole in members}
    losses = {name: search.loss(schedule) for name, schedule in shapes.items()}
    if free:
        shapes["free"] = search.free(shapes[min(losses, key=lambda name: losses[name])])
        losses["free"] = search.loss(shapes["free"])
    lowest = min(losses.values())
    if limit is None:
        limit = max(FLOORS * group.noise / abs(lowest), TIE) if free else TIE
    # the simplest come first, the free shape last
    name = next(name for name in shapes if losses[name] <= lowest + limit * abs(lowest))
    considered = rank(shapes, steps)
    prediction = next(each.prediction for each in considered if each.name == name)
    doubts = (*prediction.doubts, *choice.doubts, *_longer(shapes[name], group, steps))
    reasons = (*choice.reasons, *_reasons(name, losses, limit, steps, free=free))
    return Best(shapes[name], prediction._replace(doubts=doubts), considered, reasons)


def _members(
    families: Sequence[str] | Mapping[str, Cooldown] | None,
) -> list[tuple[str, Cooldown, bool]]:
    """Return the families: name, cooldown, and whether that takes all of the run."""
    if isinstance(families, Mapping):
        found = [(name, cooldown, False) for name, cooldown in families.items()]
    else:
        names = FAMILIES if families is None else families
        for name in [names] if isinstance(names, str) else names:
            one_of(name, list(FAMILIES), "best: `families`")
        found = [(n, SHAPES[shape], whole) for n, (shape, whole) in FAMILIES.items() if n in names]
    if not found:
        raise ScheduleError("best: `families` must be one or more, got none")
    return found


class _Search:
    """The search for a shape, by the laws of one peak."""

    def __init__(self, group: PilotGroup, steps: int) -> None:
        self.group = group
        self.steps = steps
        pilot = max(group.curves, key=peak_of)
        self.warmup = _first_at_peak(pilot.schedule, warmed_up(pilot))
        self.begin = _plain(pilot.schedule, self.warmup, group.peak) if self.warmup else None
        self.left = steps - self.warmup
        if self.left < 1:
            raise ScheduleError(
                f"best: `steps` must be more than the pilots' warm-up, {self.warmup:,} steps, "
                f"got {steps}"
            )

    def loss(self, schedule: Schedule) -> float:
        return float(self.group.predict(schedule, [self.steps])[0][0])

    def after_warmup(self, rest: Schedule) -> Schedule:
        return rest if self.begin is None else self.begin >> rest

    def with_cooldown(self, cooldown: Cooldown, fraction: float) -> Schedule:
        """Return the schedule that cools down over a fraction of the run."""
        length = max(min(round(fraction * self.steps), self.left), 1)
        peak = self.group.peak
        falling = cooldown(length)
        falling = _scaled(falling, peak)
        stable = self.left - length
        return self.after_warmup(Constant(peak, steps=stable) >> falling if stable else falling)

    def family(self, cooldown: Cooldown, *, whole: bool) -> Schedule:
        """Return the best member of a family."""
        longest = self.left / self.steps
        if whole or longest <= SHORTEST:
            return self.with_cooldown(cooldown, longest)
        fractions = np.geomspace(SHORTEST, longest, COARSE)
        losses = [self.loss(self.with_cooldown(cooldown, x)) for x in fractions]
        i = int(np.argmin(losses))
        around = fractions[max(i - 1, 0)], fractions[min(i + 1, COARSE - 1)]
        finer = minimize_scalar(
            lambda x: self.loss(self.with_cooldown(cooldown, x)),
            bounds=around,
            method="bounded",
            options={"xatol": 0.5 / self.steps if self.steps < 500 else 1e-3},
        )
        best = float(finer.x) if finer.fun < losses[i] else float(fractions[i])
        return self.with_cooldown(cooldown, best)

    def free(self, family: Schedule) -> Schedule:
        """Return the best falling table; no worse than the best of a family, where it begins."""
        corners = [step - self.warmup for step in family.breaks() if step > self.warmup]
        knots = np.unique(np.linspace(0, self.left, KNOTS + 1).round())
        knots = np.unique([*knots, *(c for c in corners if c < self.left)])
        rates = np.clip(family(knots.astype(int) + self.warmup) / self.group.peak, 0.0, 1.0)
        # the last rate is that after the end
        start = -np.diff(rates)

        def schedule(drops: Array) -> Schedule:
            rates = np.clip(1.0 - np.concatenate([[0.0], np.cumsum(drops)]), 0.0, 1.0)
            rates = self.group.peak * rates.round(DIGITS)
            return self.after_warmup(Table(rates.tolist(), knots.tolist()))

        scale = max(self.group.noise, 1e-12)
        found = minimize(
            lambda drops: self.loss(schedule(drops)) / scale,
            start,
            method="SLSQP",
            bounds=[(0.0, 1.0)] * len(start),
            constraints={"type": "ineq", "fun": lambda drops: 1.0 - drops.sum()},
            options={"maxiter": ROUNDS, "ftol": 1e-3, "eps": 1e-4},
        )
        return min((family, schedule(start), schedule(found.x)), key=self.loss)


def _scaled(cooldown: Schedule, peak: float) -> Schedule:
    """Return a cooldown from 1 as one from a peak, written as plainly as it can be."""
    first = float(cooldown(0))
    if first != 1:
        raise ScheduleError(
            f"best: `families` must have cooldowns that begin at 1, got one that begins at {first}"
        )
    if isinstance(cooldown, Linear | Cosine | Sqrt):
        return cooldown.replace(start=peak, end=peak * cooldown.end)
    return cooldown * peak


def _plain(schedule: Schedule, warmup: int, peak: float) -> Schedule:
    """Return a warm-up: as a straight line, if it is one."""
    line = Linear(float(schedule(0)), peak, warmup)
    steps = np.arange(warmup)
    straight = np.allclose(schedule(steps), line(steps), rtol=1e-9, atol=1e-9 * peak)
    return line if straight else schedule.cut(warmup)


def _first_at_peak(schedule: Schedule, step: int) -> int:
    """Return the first step at the rate of `step`, which comes at most 1/1000 of a run earlier."""
    rate, before = float(schedule(step)), step
    while before and float(schedule(before - 1)) >= rate * (1 - 1e-9):
        before -= 1
    return before


def _longer(schedule: Schedule, group: PilotGroup, steps: int) -> Iterator[str]:
    """Say that no pilot falls for so long."""
    mine = 1.0 - decays_from(Curve(schedule, [steps], [0.0])) / steps
    falls = [1.0 - decays_from(c) / c.steps[-1] for c in group.curves if decays_from(c)]
    if falls and mine > FARTHER * max(falls):
        yield (
            f"its rate falls over {mine:.0%} of the run, and no pilot's over more than "
            f"{max(falls):.0%}: that it gains so much is the laws' guess; a pilot with a longer "
            "cooldown would tell"
        )


def _reasons(
    name: str, losses: Mapping[str, float], within: float, steps: int, *, free: bool
) -> Iterator[str]:
    """Say why a shape is chosen."""
    order = sorted(losses, key=lambda other: losses[other])
    listed = ", ".join(f"{other} {losses[other]:.4f}" for other in order)
    yield f"Shape {name}: predicted losses at step {steps:,} are {listed}."
    if not free:
        return
    away = losses[name] / losses["free"] - 1.0
    if name == "free":
        yield f"No family comes within {within:.2%} of the free shape."
    else:
        yield (
            f"The free shape gives {losses['free']:.4f}; {name} is the simplest within "
            f"{within:.2%} of that, {away:.2%} above it."
        )
