"""The curve that was meant, and its landmarks: what the causes of a difference change."""

import math
from collections.abc import Callable
from functools import cached_property
from itertools import islice
from typing import Any

import numpy as np

from glissando.combinators.chain import Chain
from glissando.combinators.stretch import HoldEach
from glissando.families.cosine_wave import CosineWave
from glissando.rules import MAX_STEP
from glissando.schedule import Schedule

EVERY = 300_000
"""Up to how many steps each is looked at for landmarks."""

SPREAD = 20_000
"""How many are of a longer schedule."""


class Meant:
    """A schedule that was meant.

    A call with real steps returns the rates: step 0's of those before it.
    """

    def __init__(self, schedule: Schedule, last: float) -> None:
        self.schedule = schedule
        self.last = int(min(max(last, 1), MAX_STEP))

    def __call__(self, steps: Any) -> Any:
        """Return the rates at steps; NaN where there are none, as past a strict end."""
        steps = np.clip(np.asarray(steps, dtype=float), 0, MAX_STEP)
        try:
            return np.asarray(self.schedule(steps), dtype=float)
        except Exception:  # of one that has no rate past its end, or of a user's function
            flat = [_rate(self.schedule, step) for step in steps.ravel()]
            return np.array(flat, dtype=float).reshape(steps.shape)

    @cached_property
    def _curve(self) -> tuple[Any, Any]:
        end = self.schedule.steps
        far = int(end) if end < math.inf else self._first_lowest()
        if far <= EVERY:
            steps = np.arange(far + 1)
        else:
            breaks = list(islice(self.schedule.breaks_between(1, far), 10_000))
            near = np.array([step + move for step in [*breaks, far] for move in (-1, 0)])
            spread = np.linspace(0, far, SPREAD).round()
            steps = np.unique(np.concatenate([spread, near[near >= 0]]))
        return steps, self(steps)

    def _first_lowest(self) -> int:
        """Return where an endless schedule is first at the end of its decay; else, the last row."""
        wave: Any = self.schedule
        begin = 0
        if isinstance(wave, Chain):
            wave, begin = wave.reached[-1], wave.starts[-1]
        if isinstance(wave, CosineWave):
            return begin + round(wave.period / 2)
        rates = self(np.arange(min(max(4 * self.last, 10_000), EVERY)))
        moves = np.diff(rates)
        rises = np.flatnonzero((moves[1:] > 0) & (moves[:-1] < 0)) + 1
        if len(rises):
            return int(rises[0])
        changes = np.flatnonzero(moves)
        flat = len(changes) and changes[-1] < len(moves) * 0.9
        return int(changes[-1]) + 1 if flat else self.last

    @cached_property
    def end(self) -> int:
        """The step at which it is at its end."""
        return int(self._curve[0][-1])

    @cached_property
    def peak(self) -> float:
        """Its highest rate."""
        return float(np.nanmax(self._curve[1]))

    @cached_property
    def floor(self) -> float:
        """The rate at its end."""
        return float(self._curve[1][-1])

    @cached_property
    def warmed(self) -> int:
        """The step at which it first is at its peak: how long the warm-up takes."""
        steps, rates = self._curve
        at = int(np.argmax(rates >= self.peak * (1 - 1e-12)))
        return int(steps[at])

    @cached_property
    def decays(self) -> int:
        """The step from which it leaves its peak."""
        steps, rates = self._curve
        low = np.flatnonzero((rates < self.peak * (1 - 1e-12)) & (steps > self.warmed))
        return int(steps[low[0] - 1]) if len(low) else self.end

    @cached_property
    def first(self) -> float:
        """The rate of update 0."""
        return float(self(0))

    def bounced(self, k: Any) -> Any:
        """Return the rates of a decay that is run backwards past its end, forwards again, ..."""
        held = self.schedule
        if isinstance(held, HoldEach):
            return Meant(held.schedule, self.last).bounced(np.floor(k / held.every))
        begin, length = self.decays, max(self.end - self.decays, 1)
        phase = np.mod(np.maximum(k - begin, 0), 2 * length)
        back = begin + np.where(phase > length, 2 * length - phase, phase)
        return self(np.where(k > self.end, back, k))

    def warm(self, k: Any, steps: float | None = None) -> Any:
        """Return how much of the warm-up is done at each step, from 0 to 1."""
        steps = self.warmed if steps is None else steps
        if not self.warmed or self.peak == self.first:
            return np.clip(k / max(steps, 1), 0, 1)
        done = (self(np.clip(k / max(steps, 1), 0, 1) * self.warmed) - self.first) / (
            self.peak - self.first
        )
        return np.clip(done, 0, 1)

    def left(self, k: Any) -> Any:
        """Return how much of the decay is left at each step, from 1 to 0; 1 in the warm-up."""
        if self.peak == self.floor:
            return np.ones_like(np.asarray(k, dtype=float))
        left = (self(k) - self.floor) / (self.peak - self.floor)
        return np.where(k < self.warmed, 1.0, left)


class Followed(Meant):
    """The curve that was followed instead of the one that was meant."""

    def __init__(self, meant: Meant, curve: Callable[[Any], Any]) -> None:
        super().__init__(meant.schedule, meant.last)
        self._followed = curve

    def __call__(self, steps: Any) -> Any:
        """Return the rates at steps."""
        return self._followed(np.clip(np.asarray(steps, dtype=float), 0, MAX_STEP))


def _rate(schedule: Schedule, step: float) -> float:
    try:
        return float(schedule(float(step)))
    except Exception:  # whatever a function of the user's raises
        return math.nan
