"""Short runs at constant rates from one state: which rates diverge, and which train best."""

import math
from collections.abc import Sequence
from statistics import fmean, median

from glissando.finder.answer import ShortRun
from glissando.finder.ramp import EXPLOSION, Level
from glissando.finder.session import Session

STEP = 2.0
"""By which factor a rate of the ladder is below the one before."""

BELOW = 3
"""How many rates below the best one are tried."""

MOST = 16
"""How many rates are tried at most."""

SHAKE = 1.05
"""By which factor the rates rise that shake a run."""

HEIGHTS = (1, 10, 100)
"""How many times higher a run is shaken where noise hides the way back from less."""

BACK = 0.4
"""How far back, as a share of the way, a run comes that has recovered."""

NARROW = 1.2
"""How near, as a factor, the stable and the unstable rate around a limit come to each other."""


class ShortRuns:
    """Short runs of all seeds.

    Args:
        session: the training.
        seeds: the seeds.
        steps: how long a run is.
        measure: what its losses are measured by.
        end: the largest rate that may be tried.
    """

    def __init__(
        self, session: Session, seeds: Sequence[int], steps: int, measure: Level, end: float
    ) -> None:
        self.session = session
        self.seeds = seeds
        self.steps = steps
        self.measure = measure
        self.end = end
        self.runs: list[ShortRun] = []

    def ladder(self, top: float, start: float) -> None:
        """Try rates from `top` downward, until three in a row train worse than the best."""
        rate = top
        self._rung(rate)
        while self._stable(rate) and rate * STEP <= self.end:
            rate *= STEP
            self._rung(rate)
        rate = top
        for _ in range(MOST):
            rate /= STEP
            if rate < start:
                return
            self._rung(rate)
            if self.best / STEP ** (BELOW - 0.5) > rate and self._stable(rate):
                return

    @property
    def losses(self) -> dict[float, float]:
        """The mean loss of all seeds by the rate, in the order of the rates."""
        rates = sorted({run.rate for run in self.runs})
        return {r: fmean(run.loss for run in self.runs if run.rate == r) for r in rates}

    @property
    def best(self) -> float:
        """The rate after which the loss is lowest."""
        losses = self.losses
        return min(losses, key=losses.__getitem__)

    def bracket(self, seed: int) -> tuple[float, float]:
        """Return a stable rate and the unstable one above it, near each other, of one seed."""
        own = sorted((run.rate, run.stable) for run in self.runs if run.seed == seed)
        stable = [rate for rate, is_stable in own if is_stable]
        if not stable:
            return 0.0, own[0][0]
        low = max(stable)
        above = [rate for rate, _ in own if rate > low]
        if not above:
            return low, math.inf
        # a slow divergence is not seen in a short run: the limit may be a little lower
        return self._narrowed(low / math.sqrt(STEP), above[0], seed)

    def _narrowed(self, low: float, high: float, seed: int) -> tuple[float, float]:
        """Return the bracket narrowed down by runs that are shaken."""
        for height in HEIGHTS:
            if self._recovers(low, high, height, seed):
                break
        else:
            return low, high
        if height > 1:  # noise alone had the loss rise, and it was no divergence
            while high < self.end and self._recovers(high, high, height, seed):
                low, high = high, high * STEP
        while high > NARROW * low:
            middle = math.sqrt(low * high)
            if self._recovers(middle, high, height, seed):
                low = middle
            else:
                high = middle
        return low, high

    def _rung(self, rate: float) -> None:
        for seed in self.seeds:
            self.runs.append(self._run(rate, seed))

    def _stable(self, rate: float) -> bool:
        return all(run.stable for run in self.runs if run.rate == rate)

    def _run(self, rate: float, seed: int) -> ShortRun:
        self.session.begin(seed)
        losses: list[float] = []
        for _ in range(self.steps):
            loss = self.session.step(rate)
            if not abs(loss) < 1e30:
                return ShortRun(rate=rate, seed=seed, loss=math.inf, stable=False)
            losses.append(loss)
        end = median(losses[-max(1, self.steps // 4) :])
        begin, _, scale = self.measure
        rose = median(sorted(losses)[-3:]) > begin + EXPLOSION * scale
        stable = end < begin + scale and not (rose and end > begin - scale / 4)
        return ShortRun(rate=rate, seed=seed, loss=self.session.validated(end), stable=stable)

    def _recovers(self, rate: float, unstable: float, height: float, seed: int) -> bool:
        """Return whether a run at a rate comes back after rates that shake it.

        Instability begins in one direction alone, of which the loss may show little for long. A few
        updates at rates that just diverge let that direction outgrow the others; then it is seen
        soon whether it goes on growing.
        """
        begin, lowest, scale = self.measure
        shaken = begin - lowest + EXPLOSION * height * scale
        self.session.begin(seed)
        last = loss = -math.inf
        for _ in range(2 * self.steps):
            last, loss = loss, self.session.step(unstable)
            if not min(last, loss) - lowest < shaken:  # noise alone does not stay there
                break
            unstable *= SHAKE
        else:  # no rate shakes it as much
            return False
        losses: list[float] = []
        for _ in range(self.steps):
            losses.append(self.session.step(rate) - lowest)
            recent, first = median(losses[-3:]), max(shaken, losses[0])
            if recent < BACK * first:
                return True
            if not recent < first / BACK:
                return False
        return False
