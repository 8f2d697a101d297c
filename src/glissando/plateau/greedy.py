"""Raise the rate while a metric improves, and lower it when it does not: a pure state machine."""

import math
from typing import Annotated, Any

from glissando.plateau.base import (
    Metric,
    MetricDriven,
    Mode,
    PlateauState,
    Threshold,
    ThresholdMode,
    number,
)
from glissando.rules import MAX_RATE, MAX_STEP, Count, Many, Number, Positive, Ratio, Share

Ceiling = Annotated[float, Number(1, MAX_RATE)]
AtLeastOne = Annotated[int, Number(1, MAX_STEP, whole=True)]


class GreedyState(PlateauState):
    """What a greedy rate remembers between two metrics.

    Args:
        factor: what the rate is multiplied by now.
        best: the best metric so far, or None before the first.
        bad: how many metrics in a row have not improved on it.
        cooldown: how many metrics are still to be ignored, after a fall or after a rise.
        good: how many metrics in a row have improved.
        at_floor: how many falls have ended at the floor since the last rise.
        recent: the metrics that the next one is averaged with.

    Raises:
        ScheduleError: an argument breaks its rule.
    """

    factor: Positive = 1.0
    good: Count = 0
    at_floor: Count = 0
    recent: Annotated[tuple[float, ...], Many(Metric(), "a list")] = ()


class Greedy(MetricDriven[GreedyState], tag="greedy"):
    """Raises the rate while a metric improves, and lowers it when it has stopped improving.

    A frozen value, as `Plateau` is: it holds the settings, and `update` takes the state so far to
    the next one. It counts as `GreedyLR` of Transformers 5.23.0 does. When more than `patience`
    metrics in a row improved, the rate is divided by `factor`; when more than `patience` did not,
    it is multiplied by it. After `reset` falls that ended at the floor everything begins anew, the
    rate too.

    There the limits are rates, and here they are fractions of the schedule's rate. For a run of
    `GreedyLR` at a rate of `lr`: `floor=min_lr / lr`, `ceiling=max_lr / lr`, `eps=eps / lr`,
    `reset=reset_start`, and `window=window_size` if `smooth`. The defaults are those of `GreedyLR`
    at a rate of 0.1, except for `eps`, which is 1e-8 there.

    A metric that is NaN or infinite is a bad one: it never becomes the best, and no mean has it. A
    relative threshold is a fraction of the best metric's size, below zero too.

    Args:
        factor: what the rate is multiplied by when it falls, above 0 and below 1, and divided by
            when it rises.
        patience: how many metrics in a row to wait, bad ones or good ones, 0 or more.
        mode: "min" if lower metrics are better, "max" if higher ones are.
        threshold: how much better than the best a metric must be to improve on it, 0 or more.
        threshold_mode: "rel" if the threshold is a fraction of the best metric, "abs" if it is a
            difference.
        cooldown: how many metrics to ignore after the rate fell, 0 or more.
        warmup: how many metrics to ignore after the rate rose, 0 or more.
        floor: the lowest factor in all, 0 to 1.
        ceiling: the highest factor in all, 1 or more.
        eps: a change of the factor by no more than this is not made, 0 or more.
        window: how many metrics, the last ones, to average before they are compared, 1 or more.
        reset: after how many falls at the floor to begin anew, 1 or more.

    Raises:
        ScheduleError: an argument breaks its rule.

    Example:
        >>> greedy = Greedy(factor=0.5, patience=1)
        >>> state, factors = greedy.init(), []
        >>> for loss in [1.0, 0.9, 0.8, 0.7, 0.7, 0.7, 0.7, 0.7]:
        ...     state = greedy.update(state, loss)
        ...     factors.append(state.factor)
        >>> factors
        [1.0, 2.0, 2.0, 4.0, 4.0, 2.0, 2.0, 1.0]

    Source::

        @misc{subramanian2025dynamic,
          title         = {Dynamic Learning Rate Scheduling based on Loss Changes Leads to Faster
                           Convergence},
          author        = {Subramanian, Shreyas and Krishnamoorthy, Bala and Murthy, Pranav},
          year          = {2025},
          eprint        = {2512.14527},
          archivePrefix = {arXiv},
        }
    """

    memory = GreedyState

    factor: Ratio = 0.95
    patience: Count = 10
    mode: Mode = "min"
    threshold: Threshold = 1e-6
    threshold_mode: ThresholdMode = "abs"
    cooldown: Count = 0
    warmup: Count = 0
    floor: Share = 0.01
    ceiling: Ceiling = 10.0
    eps: Annotated[float, Number(0, MAX_RATE)] = 0.0
    window: AtLeastOne = 1
    reset: AtLeastOne = 500

    def update(self, state: GreedyState, metric: Any) -> GreedyState:
        """Return the state after one more metric.

        Args:
            state: the state so far; it stays as it is.
            metric: a number, or a 0-d array or tensor.

        Raises:
            ScheduleError: `metric` is no number.
        """
        value, recent = self._averaged(number(metric, "Greedy: `metric`"), state.recent)
        if state.cooldown:  # nothing counts, and the best stays
            return state.replace(bad=0, good=0, cooldown=state.cooldown - 1, recent=recent)
        improved = self.improves(value, state.best)
        best = value if improved else state.best
        good, bad = (state.good + 1, 0) if improved else (0, state.bad + 1)
        if max(good, bad) <= self.patience:
            return state.replace(best=best, bad=bad, good=good, recent=recent)
        if improved:
            factor = self._moved(state.factor, min(state.factor / self.factor, self.ceiling))
            return GreedyState(factor, best, cooldown=self.warmup, recent=recent)
        factor = self._moved(state.factor, max(state.factor * self.factor, self.floor))
        at_floor = state.at_floor + (factor <= self.floor)
        if at_floor >= self.reset:
            return GreedyState(cooldown=self.cooldown)
        return GreedyState(factor, best, cooldown=self.cooldown, at_floor=at_floor, recent=recent)

    def _averaged(
        self, metric: float, recent: tuple[float, ...]
    ) -> tuple[float, tuple[float, ...]]:
        """Return the mean of the window that a metric ends, and what the next one needs of it."""
        if not math.isfinite(metric):
            return metric, recent
        window = (*recent, metric)[-self.window :]
        try:
            mean = math.fsum(window) / len(window)
        except OverflowError:
            mean = math.inf
        return mean, window[1:] if len(window) == self.window else window

    def _moved(self, old: float, new: float) -> float:
        # a float ends after thousands of falls
        return new if abs(new - old) > self.eps and new > 0 else old
