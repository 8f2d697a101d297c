"""Lower the rate when a metric stops improving: a pure state machine."""

from typing import Annotated, Any

from glissando.errors import ScheduleError
from glissando.plateau.base import (
    THRESHOLD_MODE,
    MetricDriven,
    Mode,
    PlateauState,
    Threshold,
    number,
)
from glissando.rules import Choice, Count, Maybe, Ratio, Share

RULES = {"torch": "rel", "keras": "abs", "optax": "rel"}
"""The counting rules by name, each with the threshold mode that its original has by default."""


class Plateau(MetricDriven[PlateauState], tag="plateau"):
    """Lowers the rate when a metric has stopped improving.

    A frozen value: it holds the settings, and `update` takes the state so far to the next one.
    Give it a metric as often as you like, an epoch or an update at a time; `patience` and
    `cooldown` count metrics.

    The rules are those of three frameworks, to the last count. With `"torch"` the rate falls when
    more than `patience` metrics in a row were bad; with `"optax"` and `"keras"` it falls at the
    `patience`-th. With `"keras"` the last metric of a cooldown counts already.

    A metric that is NaN or infinite is a bad one, and never becomes the best. A relative threshold
    is a fraction of the best metric's size, so that it asks for an improvement below zero too.

    Args:
        rules: "torch", "keras" or "optax".
        factor: what the rate is multiplied by when it falls, above 0 and below 1.
        patience: how many bad metrics to wait, 0 or more; 1 or more with "optax".
        mode: "min" if lower metrics are better, "max" if higher ones are.
        threshold: how much better than the best a metric must be to improve on it, 0 or more.
        threshold_mode: "rel" if the threshold is a fraction of the best metric, "abs" if it is a
            difference; by default "abs" with the "keras" rules and "rel" with the others.
        cooldown: how many metrics to ignore after the rate fell, 0 or more.
        floor: the lowest factor in all, 0 to 1. Peers' lowest rates are `floor * rate`.

    Raises:
        ScheduleError: an argument breaks its rule.

    Example:
        >>> plateau = Plateau("torch", factor=0.5, patience=2)
        >>> state = plateau.init()
        >>> for loss in [1.0, 0.8, 0.8, 0.8, 0.8]:
        ...     state = plateau.update(state, loss)
        >>> state.factor
        0.5
    """

    memory = PlateauState
    positional = ("rules",)

    rules: Annotated[str, Choice(*RULES)] = "torch"
    factor: Ratio = 0.1
    patience: Count = 10
    mode: Mode = "min"
    threshold: Threshold = 1e-4
    threshold_mode: Annotated[str | None, Maybe(THRESHOLD_MODE)] = None
    cooldown: Count = 0
    floor: Share = 0.0

    def check(self) -> None:
        if self.threshold_mode is None:
            object.__setattr__(self, "threshold_mode", RULES[self.rules])
        super().check()
        if self.rules == "optax" and self.patience == 0:
            raise ScheduleError(
                "Plateau: `patience` must be 1 or more with the rules of optax, got 0: there the "
                "rate would fall at every improvement"
            )

    def update(self, state: PlateauState, metric: Any) -> PlateauState:
        """Return the state after one more metric.

        Args:
            state: the state so far; it stays as it is.
            metric: a number, or a 0-d array or tensor.

        Raises:
            ScheduleError: `metric` is no number.
        """
        value = number(metric, "Plateau: `metric`")
        improved = self.improves(value, state.best)
        best = value if improved else state.best
        cooling = state.cooldown > 0
        cooldown = state.cooldown - cooling
        # Keras counts the metric that ends a cooldown, the others ignore it
        ignored = cooldown > 0 if self.rules == "keras" else cooling
        bad = 0 if improved or ignored else (0 if cooling else state.bad) + 1
        if bad == 0 or bad < self.patience + (self.rules == "torch"):
            return PlateauState(state.factor, best, bad, cooldown)
        if self.rules == "keras" and state.factor <= self.floor:  # there nothing falls any more
            return PlateauState(state.factor, best, bad, cooldown)
        factor = max(state.factor * self.factor, self.floor)
        if factor == 0:  # after hundreds of falls, where a float ends
            factor = state.factor
        return PlateauState(factor, best, 0, self.cooldown)

    def _compared(self, metric: float, best: float) -> tuple[float, float]:
        if self.rules == "keras" and self.threshold_mode == "abs":
            # its order of operations, for the sake of the last bit
            return metric - (self.threshold if self.mode == "max" else -self.threshold), best
        return super()._compared(metric, best)

    def shown_fields(self) -> dict[str, Any]:
        fields = {"rules": self.rules} | super().shown_fields()
        if self.threshold_mode == RULES[self.rules]:
            del fields["threshold_mode"]
        return fields
