"""Should the stable phase end now? What cooling down would give, now or later."""

import math
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from glissando.errors import ScheduleError, shown
from glissando.families import Constant, Linear
from glissando.forecasting.distance import same_peak
from glissando.forecasting.fit import decays_from, warmed_up
from glissando.forecasting.pilot_group import PilotGroup
from glissando.forecasting.prediction import Prediction
from glissando.logs.curve import Curve
from glissando.rules import MAX_RATE, STEPS, Many, Number, plain_number
from glissando.schedule import Part, Schedule

Predict = Callable[[Schedule, int], Prediction]

LATER = 0.0, 0.1, 0.2, 0.5, 1.0
"""How much later a trunk could be left, too, in fractions of the steps that it has come."""

STABLE = 0.1
"""For what fraction of a run its rate must stay at the peak to be a trunk."""

DELAYS = Many(Number(0, 1e6), "a list of fractions, each above the one before", increasing=True)
FRACTION = Number(0, 1, above=True)
PEAK = Number(0, MAX_RATE, above=True)


class Leaving(NamedTuple):
    """A step at which the trunk could be left.

    Attributes:
        leave_at: the first step of the cooldown.
        ends_at: after how many updates it ends.
        prediction: what it is predicted to give.
        schedule: the schedule of the whole run.
        gain: what it gains over the one before, by each `per` updates that it ends later; None
            for the first.
    """

    leave_at: int
    ends_at: int
    prediction: Prediction
    schedule: Schedule
    gain: float | None = None


class Cooldowns(NamedTuple):
    """What leaving a trunk would give; printed as a table.

    Attributes:
        rows: the steps at which it could be left, the earliest first.
        answer: whether the stable phase should end now, in a sentence.
        last_moment: the last step to leave at for the deadline; None without one.
        per: for how many updates gains are shown.
        noise: the standard deviation of a last loss, which a gain must exceed to be seen.
        doubts: what speaks against all this, in sentences.

    Example:
        >>> from glissando import Curve, forecast, pilots
        >>> from glissando.forecasting.laws import ConvexKernel
        >>> truth = ConvexKernel(2.5, 0.5, 0.3, 8.0, 200.0, rate=1e-3, steps=6000)
        >>> steps = list(range(200, 6001, 200))
        >>> runs = [
        ...     Curve(run.schedule, steps, truth(run.schedule, steps), branched_at=run.branched_at)
        ...     for run in pilots([1e-3], steps=10_000)
        ... ]
        >>> found = forecast(runs, law="convex_kernel").cooldowns(6000, deadline=10_000)
        >>> for row in found.rows:
        ...     print(row.leave_at, row.ends_at)
        6000 7500
        6600 8250
        7200 9000
        8000 10000
        >>> found.answer[:35], found.last_moment
        ('Stay on the trunk if there is time:', 8000)
    """

    rows: tuple[Leaving, ...]
    answer: str
    last_moment: int | None
    per: int
    noise: float
    doubts: tuple[str, ...]

    def __str__(self) -> str:
        head = f"{'leave at':>12}{'end at':>12}  {'loss':<8}{'80 % interval':<20}"
        lines = [head + f"gain per {self.per:,}"]
        for leave_at, ends_at, p, _, gain in self.rows:
            text = "" if gain is None else f"{gain:.4f}"
            interval = f"{p.low:.4f} to {p.high:.4f}"
            lines.append(
                f"{leave_at:>12,}{ends_at:>12,}  {p.loss:<8.4f}{interval:<20}{text}".rstrip()
            )
        lines += ["", self.answer]
        if self.doubts:
            lines += ["", "Doubts:", *(f"- {doubt}" for doubt in self.doubts)]
        return "\n".join(lines)

    def to_data(self) -> dict[str, Any]:
        """Return the JSON form."""
        rows = [
            row._asdict()
            | {"schedule": row.schedule.to_data(), "prediction": row.prediction.to_data()}
            for row in self.rows
        ]
        return self._asdict() | {"rows": rows, "doubts": list(self.doubts)}


def cooldowns(
    groups: Sequence[PilotGroup],
    predict: Predict,
    step: int,
    cooldown: float | Schedule,
    later: Sequence[float],
    deadline: int | None,
    per: int,
    peak: float | None,
) -> Cooldowns:
    """Return what leaving a trunk would give, by groups of pilots: see `Forecast.cooldowns`."""
    step = int(STEPS.check(step, "cooldowns: `step`"))
    per = int(STEPS.check(per, "cooldowns: `per`"))
    delays = DELAYS.check(later, "cooldowns: `later`")
    length_at, falling = _cooldown(cooldown)
    group = _group(groups, peak)
    trunk, warmup = _trunk(group)
    if step <= warmup:
        raise ScheduleError(
            f"cooldowns: `step` must lie after the warm-up, of {warmup:,} steps, got {step}"
        )
    leaves = sorted({step, *(step + round(delay * step) for delay in delays)})
    last_moment = None
    if deadline is not None:
        end = int(STEPS.check(deadline, "cooldowns: `deadline`"))
        last_moment = _last_moment(length_at, end)
        if last_moment <= warmup:
            raise ScheduleError(
                "cooldowns: `deadline` must leave time for the cooldown after the warm-up, of "
                f"{warmup:,} steps, got {end}"
            )
        leaves = sorted({*(at for at in leaves if at <= last_moment), max(step, last_moment)})
    found = [_leave(predict, trunk, at, falling(length_at(at))) for at in leaves]
    gains = [
        (a.prediction.loss - b.prediction.loss) / (b.ends_at - a.ends_at) * per
        for a, b in pairwise(found)
    ]
    rows = tuple(row._replace(gain=gain) for row, gain in zip(found, [None, *gains], strict=True))
    late = last_moment is not None and last_moment < step
    soon = _gain_now(predict, found[0], trunk, length_at, falling) * per
    answer = _answer(rows, soon, per, group.noise)
    if late:
        answer = (
            f"Too late: for the deadline the trunk was to be left at step {last_moment:,}; leave "
            "it now for a shorter cooldown."
        )
    elif last_moment is not None:
        answer += f" The last moment for the deadline is step {last_moment:,}."
    # what leaves the trunk last is the farthest from the pilots
    doubts = rows[-1].prediction.doubts
    return Cooldowns(rows, answer, last_moment, per, group.noise, doubts)


def _leave(predict: Predict, trunk: Schedule, at: int, cooldown: Schedule) -> Leaving:
    schedule = trunk.branch(at, cooldown)
    end = at + int(cooldown.steps)
    return Leaving(at, end, predict(schedule, end), schedule)


def _gain_now(
    predict: Predict,
    now: Leaving,
    trunk: Schedule,
    length_at: Callable[[int], int],
    falling: Callable[[int], Schedule],
) -> float:
    """Return what a further update gains at once: over the next 1/20 of the run."""
    at = now.leave_at + max(now.leave_at // 20, 1)
    next_one = _leave(predict, trunk, at, falling(length_at(at)))
    apart = next_one.ends_at - now.ends_at
    return (now.prediction.loss - next_one.prediction.loss) / apart


def _cooldown(
    cooldown: float | Schedule,
) -> tuple[Callable[[int], int], Callable[[int], Schedule]]:
    """Return how long a cooldown is by where it begins, and what it is by its length."""
    if isinstance(cooldown, Schedule):
        Part(finite=True).check(cooldown, "cooldowns: `cooldown`")
        if cooldown(0) != 1:
            raise ScheduleError(
                "cooldowns: `cooldown` must begin at 1, as fractions of the trunk's rate, got one "
                f"that begins at {float(cooldown(0))}"
            )
        return lambda at: int(cooldown.steps), lambda length: cooldown
    size = plain_number(cooldown)
    if size is None:
        raise ScheduleError(
            "cooldowns: `cooldown` must be a fraction of the run, a number of steps or a schedule, "
            f"got {shown(cooldown)}"
        )
    if size >= 1:
        steps = int(STEPS.check(cooldown, "cooldowns: `cooldown`"))
        return lambda at: steps, lambda length: Linear(1.0, 0.0, length)
    part = FRACTION.check(cooldown, "cooldowns: `cooldown`")
    return (
        lambda at: max(round(part / (1.0 - part) * at), 1),
        lambda length: Linear(1.0, 0.0, length),
    )


def _last_moment(length_at: Callable[[int], int], deadline: int) -> int:
    """Return the last step from which a cooldown ends by a deadline; 0 if there is none."""
    low, high = 0, deadline
    while low < high:
        middle = (low + high + 1) // 2
        if middle + length_at(middle) <= deadline:
            low = middle
        else:
            high = middle - 1
    return low


def _group(groups: Sequence[PilotGroup], peak: float | None) -> PilotGroup:
    if peak is None:
        return max(groups, key=lambda group: group.steps)
    wanted = PEAK.check(peak, "cooldowns: `peak`")
    for group in groups:
        if same_peak(group.peak, wanted):
            return group
    known = ", ".join(f"{group.peak:.4g}" for group in groups)
    raise ScheduleError(f"cooldowns: `peak` must be a pilot's, {known}, got {wanted:.4g}")


def _trunk(group: PilotGroup) -> tuple[Schedule, int]:
    """Return the trunk, which goes on for ever, and the length of its warm-up."""
    held = {_held_until(curve): curve for curve in group.curves}
    until = max(held)
    pilot = held[until]
    warmup = warmed_up(pilot)
    if until - warmup < STABLE * pilot.steps[-1]:
        raise ScheduleError(
            "cooldowns: a pilot must have a stable phase, a constant rate that can be left, got "
            f"none at peak {group.peak:.4g}"
        )
    if decays_from(pilot) or pilot.schedule.steps != math.inf:
        return pilot.schedule.cut(until) >> Constant(float(pilot.schedule(until - 1))), warmup
    return pilot.schedule, warmup


def _held_until(curve: Curve) -> int:
    """Return until which step a run stays at its peak."""
    return decays_from(curve) or curve.steps[-1]


def _answer(rows: Sequence[Leaving], gain: float, per: int, noise: float) -> str:
    """Say whether to go on, by what further updates gain and what the noise is."""
    steps = f"{per:,} further updates"
    if gain <= 0:
        return f"Leave it now: {steps} would gain nothing."
    if gain < noise:
        return (
            f"It can be left now: {steps} would gain {gain:.2g}, less than the noise of "
            f"{noise:.2g} between runs; a gain of that size takes {_rounded(noise / gain * per):,}."
        )
    end = next(
        (row.leave_at for row in rows[1:] if row.gain is not None and row.gain < noise), None
    )
    until = "" if end is None else f", but no longer from about step {end:,} on"
    return (
        f"Stay on the trunk if there is time: {steps} would gain {gain:.2g}, more than the noise "
        f"of {noise:.2g} between runs{until}."
    )


def _rounded(steps: float) -> int:
    """Return a number of steps to two digits."""
    return int(round(steps, 1 - math.floor(math.log10(max(steps, 1.0)))))
