"""A schedule from whatever is known, and what each choice in it rests on."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple

from glissando.errors import ScheduleError
from glissando.families import Constant, Linear, Sqrt
from glissando.forecasting.peak_choice import from_curves, from_limit, from_peak, from_rule
from glissando.forecasting.rules_of_thumb import (
    BEGIN,
    Optimizer,
    optimizer_named,
    plain,
    warmup_for,
)
from glissando.rules import Positive, Steps
from glissando.schedule import Part, Schedule
from glissando.signatures import held_to_rules

if TYPE_CHECKING:
    from glissando.logs.curve import Curve

DECAY = 0.6
"""Which part of a run whose end is known the rate decays over."""

COOLDOWN = 0.2
"""Which part of a run whose end is open."""

GUESS = 10_000
"""How long a run is taken to be of which nothing is known."""


class Suggestion(NamedTuple):
    """A schedule, and what it rests on.

    Attributes:
        schedule: the schedule.
        reasons: each choice in it with its evidence, in sentences.
        doubts: how weak that is, in sentences.
    """

    schedule: Schedule
    reasons: tuple[str, ...]
    doubts: tuple[str, ...]

    def __str__(self) -> str:
        lines = [str(self.schedule), "", "Reasons:", *(f"- {reason}" for reason in self.reasons)]
        if self.doubts:
            lines += ["", "Doubts:", *(f"- {doubt}" for doubt in self.doubts)]
        return "\n".join(lines)

    def to_data(self) -> dict[str, Any]:
        """Return the JSON form: the schedule as its own form and as a text."""
        return {
            "schedule": self.schedule.to_data(),
            "text": str(self.schedule),
            "reasons": list(self.reasons),
            "doubts": list(self.doubts),
        }


@held_to_rules("suggest")
def suggest(
    optimizer: Any = None,
    steps: Steps | None = None,
    finder: Any = None,
    forecast: Any = None,
    *,
    peak: Positive | None = None,
    tuned_for: Annotated[Schedule | None, Part()] = None,
    limit: Positive | None = None,
    curves: "Sequence[Curve]" = (),
    batch: Positive | None = None,
    task: Literal["training", "fine-tuning"] = "training",
    open_ended: bool = False,
) -> Suggestion:
    """Return a schedule from whatever is known, with the evidence for each choice.

    Of what is known the surest counts: a forecast; else the best peak of your own runs; else a peak
    that you give; else a part of the largest stable rate; else a rule of thumb for the optimizer.

    Args:
        optimizer: its name, such as "adamw", or the optimizer itself, or its class.
        steps: the length of the run; None if that is open.
        finder: the answer of `gl.find_rate`.
        forecast: a forecast, as `gl.forecast` returns it; needs `steps`.
        peak: a peak that is known to be good.
        tuned_for: the schedule for which `peak` is good: see `gl.transfer_peak`.
        limit: the largest stable rate, if that is known without `finder`.
        curves: runs at several peaks, such as those of `gl.pilots`.
        batch: how many samples an update takes; counts for the usual rate of SGD only.
        task: "training" from the start, or "fine-tuning".
        open_ended: whether `steps` is only a guess: the stable phase can then be ended at any time
            by `schedule.finish(...)`.

    Raises:
        ScheduleError: an argument breaks its rule; nothing is known of the optimizer; a forecast is
            given without `steps`, or `tuned_for` without `peak`.

    Example:
        >>> found = suggest("adamw", steps=10_000)
        >>> for part in found.schedule.parts:
        ...     print(part)
        linear(1e-05, 0.001, steps=500)
        constant(0.001, steps=3500)
        linear(0.001, 0.0, steps=6000)
        >>> print(found.reasons[0][:52])
        Peak 0.001, the usual one of adamw for training: the
    """
    if forecast is not None:
        return _forecast(forecast, steps, open_ended=open_ended)
    if tuned_for is not None and peak is None:
        raise ScheduleError("`tuned_for` needs `peak`, the peak that is good for it, got none")
    name, known = optimizer_named("adamw" if optimizer is None else optimizer, "`optimizer`")
    shape = _Shape(known, steps, open_ended or steps is None, task)
    stable = from_limit(known, finder, limit)
    if curves:
        choice = from_curves(curves, shape.ended)
    elif peak is not None:
        choice = from_peak(peak, tuned_for, shape.ended)
    else:
        choice = stable or from_rule(name, known, batch, task)
    doubts = [*choice.doubts, *shape.doubts]
    if stable and stable.limit < choice.peak:
        doubts.insert(0, f"The peak is above the largest stable rate, {stable.limit:.3g}.")
    if optimizer is None and (choice.rule or choice is stable):
        doubts.insert(0, "No optimizer is named: AdamW is assumed.")
    if stable is None and (finder is not None or limit is not None):
        doubts.append(f"The limit had no say: {known.source}.")
    if batch is not None and not (choice.rule and known.batch):
        doubts.append("`batch` had no say: only the usual rate of SGD is known to go with it.")
    return Suggestion(shape.of(choice.peak), (*choice.reasons, *shape.reasons), tuple(doubts))


class _Shape:
    """The shape of a suggestion: everything but its peak."""

    def __init__(self, known: Optimizer, steps: int | None, is_open: bool, task: str) -> None:
        self.known = known
        self.steps = steps
        self.is_open = is_open
        length = GUESS if steps is None else steps
        self.fine = task == "fine-tuning" and not is_open
        part = COOLDOWN if is_open else 1.0 if self.fine else DECAY
        self.warmup = warmup_for(length) if length > 1 else 0
        self.cooldown = min(max(1, round(part * length)), length - self.warmup)

    def of(self, peak: float) -> Schedule:
        """Return the schedule with a peak."""
        rising = Linear(plain(BEGIN * peak), peak, self.warmup)
        if self.known.averages:
            return rising >> Constant(peak)
        if self.is_open:
            return rising >> Constant(peak).open_ended() >> Sqrt(peak, 0.0, self.cooldown)
        assert self.steps is not None
        stable = self.steps - self.warmup - self.cooldown
        return rising >> Constant(peak, stable) >> Linear(peak, 0.0, self.cooldown)

    def ended(self, tuned_for: Schedule) -> Schedule:
        """Return the schedule as long as it is meant, or as long as another."""
        whole = self.of(1.0)
        if whole.open_part is None:
            return whole
        least = self.warmup + self.cooldown
        length = self.steps or (tuned_for.steps if tuned_for.steps < math.inf else 0)
        return whole.finish(steps=max(int(length), least))

    @property
    def reasons(self) -> list[str]:
        """Why the schedule has this shape."""
        found = []
        if self.warmup:
            found.append(
                f"Warm-up {_steps(self.warmup)}, from {100 * BEGIN:g} % of the peak: 5 % of the "
                "run, at most 2,000. Tuned baselines of AlgoPerf have 2 to 10 % "
                f"(arXiv:2306.07179); {self.known.warmup_source}."
            )
        if self.known.averages:
            return [
                *found,
                "Shape: constant after the warm-up; this optimizer averages the weights instead of "
                "letting the rate decay (arXiv:2405.15682).",
            ]
        if self.is_open:
            return [
                *found,
                "Shape: warm-up, stable, cooldown (WSD), as the end is open: the stable phase can "
                "go on, and be ended at any time, by `schedule.finish(steps=n)` "
                "(arXiv:2404.06395, arXiv:2405.18392).",
                f"Cooldown {_steps(self.cooldown)}, {100 * COOLDOWN:g} % of the run, in the shape "
                "1 - √x: 10 to 20 % come near to a cosine (arXiv:2405.18392); at 20 %, it beats a "
                "line by 0.004 to 0.013 nats in that paper's runs at peaks of 5e-4 to 3e-3.",
                _FLOOR,
            ]
        return [
            *found,
            "Shape: a stable rate, then a straight line to 0, as the end is known: at 124 million "
            "parameters lines over 60 to 90 % of the run, at a higher peak, beat one over 20 % by "
            "0.015 nats and a cosine to 0 by 0.003 (runs of arXiv:2501.18965); a line to 0 is also "
            "best in arXiv:2502.15938.",
            f"Cooldown {_steps(self.cooldown)}: over 60 % of the run the line was best of 10 to "
            "90 % at 25,000 and 35,000 steps in the same runs, and the record runs of "
            "modded-nanogpt have 60 %, too."
            if not self.fine
            else f"Cooldown {_steps(self.cooldown)}, all that follow the warm-up: so BERT was "
            "fine-tuned (arXiv:1810.04805).",
            _FLOOR,
        ]

    @property
    def doubts(self) -> list[str]:
        """What speaks against this shape."""
        found = []
        if self.steps is None and not self.known.averages:
            found.append(
                f"The length of the run is not known: warm-up and cooldown are those of {GUESS:,} "
                "steps. Give `steps`, if only as a guess with `open_ended=True`; or cool down by "
                "`schedule.branch(at, gl.Linear(1.0, 0.0, steps=at // 4))`, which is 20 % of it."
            )
        if not self.known.averages and not self.is_open:
            found.append(
                "The shape was measured on language models in one pass over their data: on a small "
                "transformer on characters a line over 40 % was better than one over the whole run "
                "by 0.01 nats. Which is best for you, gl.forecast says from gl.pilots."
            )
        return found


def _steps(count: int) -> str:
    return f"{count:,} step{'s' * (count != 1)}"


_FLOOR = (
    "Floor 0: at 124 million parameters a cosine to 10 % of the peak ends 0.03 nats, 1 %, above a "
    "line to 0. (The record runs of modded-nanogpt keep 10 to 15 %.)"
)


def _forecast(forecast: Any, steps: int | None, *, open_ended: bool) -> Suggestion:
    """Return what a forecast holds for the best."""
    if steps is None or open_ended:
        raise ScheduleError(
            "`forecast` needs a fixed `steps`, the length of the run that is wanted; for an open "
            "end ask `forecast.cooldowns(step)`"
        )
    best = forecast.best(steps=steps)
    reason = (
        f"The forecast from your own runs puts this schedule first at {steps:,} steps, with a loss "
        f"of {best.prediction}. Shape, peak and floor are its choice."
    )
    return Suggestion(best.schedule, (reason,), tuple(best.prediction.doubts))
