"""The pilots of one peak, and the laws fitted to them."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from glissando.forecasting.backtest import BackTest, back_tests
from glissando.forecasting.cooldown_guess import guessed_cooldowns
from glissando.forecasting.distance import SAME_PEAK, Shown
from glissando.forecasting.fit import Fit, decays_from, fit, peak_of
from glissando.forecasting.history import Array
from glissando.forecasting.interval import Interval
from glissando.forecasting.laws import LAWS, Prior
from glissando.logs.curve import Curve
from glissando.schedule import Schedule

INSIDE = 0.8
"""How many of the results an interval is to hold."""

HELD = 0.3
"""For what fraction of a pilot its rate must stay at the peak before it falls to show that."""

DRAWS = 4000
"""How many times a ranking is drawn."""


class PilotGroup:
    """The pilots of one peak: laws fitted to them, and how far those are to be trusted.

    Args:
        curves: the pilots.
        laws: the tags of the laws.
        priors: what is known of the parameters of laws, by their tags.
        seed_noise: the standard deviation of the last loss between seeds; by default what the
            pilots' losses scatter about the laws.
        progress: is called twice for each law.
    """

    def __init__(
        self,
        curves: Sequence[Curve],
        laws: Sequence[str],
        priors: Mapping[str, Mapping[str, Prior]],
        seed_noise: float | None,
        progress: Callable[[], object],
    ) -> None:
        self.curves = list(curves)
        self.peak = max(peak_of(curve) for curve in curves)
        self.steps = max(curve.steps[-1] for curve in curves)
        shown = [*curves, *guessed_cooldowns(curves)]
        self.fits: dict[str, Fit] = {}
        for name in laws:
            self.fits[name] = fit(LAWS[name], shown, priors.get(name))
            progress()
        self.back_tests: list[BackTest] = back_tests(laws, curves, priors, progress)
        self.weights: Array = np.array([test.weight for test in self.back_tests])
        best = self.back_tests[int(np.argmax(self.weights))].law
        self.scatter = self.fits[best].noise
        self.noise = self.scatter if seed_noise is None else seed_noise
        self.interval = Interval.of(
            len(self.curves),
            self.residual,
            self.scatter,
            self.noise,
            hidden=not shows_cooldown(self.curves),
        )
        self.shown = [Shown.of(curve) for curve in self.curves]

    def predict(self, schedule: Schedule, steps: Sequence[int] | Array) -> tuple[Array, Array]:
        """Return the losses at some steps, and what each law says of them: laws by steps."""
        fits = [each.law for each in self.fits.values()]
        found = np.stack([law.losses(law.history(schedule, steps)) for law in fits])
        return self.weights @ found, found

    def half_width(self, loss: float, by_law: Array, step: int) -> float:
        """Return half of the 80 % interval of a loss, of which each law says its own."""
        return self.interval.half(loss, by_law, self.weights, step / self.steps)

    def missed(self, loss: float, step: int) -> float:
        """Return the part of that which is the same for all laws."""
        return self.interval.missed(loss, step / self.steps)

    def to_data(self) -> dict[str, Any]:
        """Return the JSON form: all that a prediction takes."""
        laws = zip(self.fits.values(), self.weights.tolist(), strict=True)
        return {
            "peak": self.peak,
            "steps": self.steps,
            "laws": [{"law": fit.law.to_data(), "weight": weight} for fit, weight in laws],
            "interval": self.interval._asdict(),
            "pilots": [shown._asdict() for shown in self.shown],
        }

    @property
    def residual(self) -> float:
        """The conformal quantile of the combined laws' back-test residuals."""
        errors = np.array([test.errors for test in self.back_tests])
        if not errors.size:
            return 0.01
        combined = np.sort(np.abs(self.weights @ errors))
        rank = math.ceil((len(combined) + 1) * INSIDE)
        return float(combined[min(rank, len(combined)) - 1])


def shows_cooldown(curves: Sequence[Curve]) -> bool:
    """Return whether pilots show a trunk and what falls from it: else they hide the kernel."""
    falls = [(decays_from(curve), curve.steps[-1]) for curve in curves]
    held = [begin > HELD * end for begin, end in falls if begin]
    trunk = any(begin == 0 for begin, _ in falls)
    return any(held) or (trunk and bool(held))


def groups(curves: Sequence[Curve]) -> list[list[Curve]]:
    """Return the pilots by their peaks, the lowest peak first."""
    found: list[list[Curve]] = []
    for curve in sorted(curves, key=peak_of):
        if found and peak_of(curve) <= SAME_PEAK * peak_of(found[-1][0]):
            found[-1].append(curve)
        else:
            found.append([curve])
    return found
