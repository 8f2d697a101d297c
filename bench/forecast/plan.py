"""Which runs are made: pilots, what they are to forecast, and what else their compute buys."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

import glissando as gl

Shape = Callable[[gl.Schedule, float, int], gl.Schedule]


def warmed(peak: float, steps: int) -> gl.Schedule:
    return gl.Linear(0.0, peak, steps=steps // 20)


def decay(family: Callable[..., gl.Schedule], end: float = 0.0) -> Shape:
    """Return a shape that decays from the end of its warm-up, to a fraction of its peak."""
    return lambda _, peak, steps: (
        warmed(peak, steps) >> family(peak, end * peak, steps=steps - steps // 20)
    )


def step_decay(_: gl.Schedule, peak: float, steps: int) -> gl.Schedule:
    """Return the shape of ResNet's paper: a tenth after half of the steps, and after a quarter."""
    rates, warmup = [peak, peak / 10, peak / 100], steps // 20
    drops = [steps // 2 - warmup, steps * 3 // 4 - warmup]
    return warmed(peak, steps) >> gl.Piecewise(rates, drops, steps=steps - warmup)


def cooldown(
    percent: int, family: Callable[..., gl.Schedule] = gl.Linear, until: int = 100
) -> Shape:
    """Return a shape that leaves the trunk for the last percent of the first `until` percent."""

    def shape(trunk: gl.Schedule, _: float, steps: int) -> gl.Schedule:
        steps = steps * until // 100
        falling = steps * percent // 100
        return trunk.branch(steps - falling, family(1.0, 0.0, steps=falling))

    return shape


PILOT = 60
"""How much of a run a pilot makes, in percent."""

PILOTS: dict[str, Shape] = {
    "trunk": lambda trunk, _, steps: trunk.cut(steps * PILOT // 100),
    "cooldown 20 %": cooldown(20, until=PILOT),
    "cooldown 40 %": cooldown(40, until=PILOT),
}
"""What is known before the others are forecast, for the compute of 0.96 runs."""

HELD_OUT: dict[str, Shape] = {
    "linear": decay(gl.Linear),
    "wsd20": cooldown(20),
    "wsd40": cooldown(40),
    "cosine": decay(gl.Cosine),
    "wsd10": cooldown(10),
    "wsd20 1-sqrt": cooldown(20, gl.Sqrt),
    "wsd40 1-sqrt": cooldown(40, gl.Sqrt),
    "cosine to 10 %": decay(gl.Cosine, end=0.1),
    "exponential to 1 %": decay(gl.LogLinear, end=0.01),
    "constant": lambda trunk, _, steps: trunk.cut(steps),
    "step decay": step_decay,
    "1cycle": lambda _, peak, steps: gl.recipes.one_cycle_torch(peak, steps=steps),
}
"""What is forecast: no pilot shows one of them."""

SHAPES = PILOTS | HELD_OUT


@dataclass(frozen=True)
class Run:
    """A training: its text, the transformer's width, the seed, the horizon, and the schedule."""

    text: str
    width: int
    seed: int = 0
    steps: int = 2000
    peak: float = 0.004
    shape: str = "linear"

    @property
    def trunk(self) -> gl.Schedule:
        """What this may be a branch of: a warm-up, and a stable rate that does not end."""
        return warmed(self.peak, self.steps) >> gl.Constant(self.peak)

    @property
    def schedule(self) -> gl.Schedule:
        return SHAPES[self.shape](self.trunk, self.peak, self.steps)

    @property
    def length(self) -> int:
        """How many updates it makes: a pilot stops early."""
        return self.steps * PILOT // 100 if self.shape in PILOTS else self.steps

    @property
    def every(self) -> int:
        """After how many updates each the loss is taken."""
        return self.steps // (40 if self.shape in PILOTS else 5)

    @property
    def shared(self) -> int:
        """How many updates it has in common with the trunk."""
        steps = np.arange(self.length)
        differs = np.flatnonzero(self.schedule(steps) != self.trunk(steps))
        return int(differs[0]) if len(differs) else self.length

    def of(self, shapes: dict[str, Shape]) -> "list[Run]":
        """Return the runs that differ from this in their shape."""
        return [replace(self, shape=shape) for shape in shapes]

    @property
    def shorter(self) -> "Run":
        """The complete run that is so short that all shapes cost less than this one's pilots."""
        return replace(self, steps=self.steps * 12 // 100)


Loss = Callable[[Run], float]
"""The last loss of a run."""

FIRST, *OTHERS = Run("bible", 64), Run("shakespeare", 64), Run("bible", 32)
SEEDS = range(5)


def best_peak(task: Run, loss: Loss) -> float:
    """Return the best peak of a linear decay, to a factor of 2."""
    peak = task.peak
    while True:
        around = [peak / 2, peak, peak * 2]
        best = min(around, key=lambda peak: loss(replace(task, peak=peak)))
        if best == peak:
            return peak
        peak = best


def forecast_at(loss: Loss) -> list[Run]:
    """Return the trunks from which there are forecasts: of each task at two peaks, of one again.

    The first two are those of the first task, at the best peak and at twice that. The others are at
    their best and at half of it, and those of the first task with other seeds.
    """
    tasks = [replace(task, peak=best_peak(task, loss)) for task in (FIRST, *OTHERS)]
    first, *others = tasks
    halved = [replace(task, peak=task.peak / 2) for task in others]
    again = [replace(first, seed=seed) for seed in (1, 2)]
    return [first, replace(first, peak=2 * first.peak), *others, *again, *halved]


def same_but_seeds(loss: Loss) -> list[Run]:
    """Return what is trained with several seeds."""
    shapes = {shape: HELD_OUT[shape] for shape in ("linear", "wsd20", "wsd40")}
    peak = best_peak(FIRST, loss)
    return [run for seed in SEEDS for run in replace(FIRST, peak=peak, seed=seed).of(shapes)]


def linear_peaks() -> list[Run]:
    """Return linear decays from finely spaced peaks: one is near whatever a finder answers."""
    return [replace(FIRST, peak=float(f"{0.001 * 2 ** (k / 2):.3g}")) for k in range(9)]


def planned(loss: Loss) -> Iterator[Run]:
    """Yield all runs, the most telling ones first."""
    first, second, *others = forecast_at(loss)
    yield from first.of(SHAPES)
    yield from same_but_seeds(loss)
    yield from second.of(SHAPES)
    for run in (first, second):
        yield from run.shorter.of(HELD_OUT)
    yield from linear_peaks()
    for run in others:
        yield from run.of(SHAPES)
