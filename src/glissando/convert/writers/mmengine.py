"""mmengine, mmdet 3 and their like: `param_scheduler` of their Python files."""

import math
from collections.abc import Iterator
from textwrap import indent
from typing import Any

from glissando.combinators import Product, Repeat, Scale, Take
from glissando.convert.certificate import Draft
from glissando.convert.writers.shared.pieces import INSTEAD, Piece, pieces
from glissando.convert.writers.shared.python_code import called, literal, neat
from glissando.convert.writers.shared.read_back import read_back
from glissando.errors import ScheduleError, shown
from glissando.families import (
    Constant,
    Cosine,
    CosineWave,
    Geometric,
    Linear,
    Piecewise,
    Polynomial,
    Staircase,
)
from glissando.schedule import Schedule

Scheduler = dict[str, Any]


def drafts(schedule: Schedule) -> Iterator[Draft]:
    """Yield the schedule as the file's variables."""
    if schedule.steps == math.inf:
        raise ScheduleError(
            f"mmengine: `max_iters` of train_cfg must be known, got {shown(schedule)}, which never "
            "ends; give it an end with .take(n)"
        )
    rate, factors = _factors(schedule)
    if len(factors) == 1:
        found = pieces(schedule)
        rate = max(piece.start for piece in found) or found[0].end
        if not rate:
            raise ScheduleError(f"mmengine: `lr` must be above 0, got {shown(schedule)}")
        schedulers = _schedulers(found, rate, rate)
    else:  # each scheduler multiplies the rate
        schedulers = [one for factor in factors for one in _schedulers(pieces(factor), rate, 1.0)]
    inner = "".join(indent(called("dict", **made), "    ") + ",\n" for made in schedulers)
    listed = f"[\n{inner}]" if inner else "[]"
    steps = int(schedule.steps)
    code = (
        f"optim_wrapper = dict(optimizer=dict(lr={literal(rate)}))\n"
        f"param_scheduler = {listed}\n"
        f"train_cfg = dict(by_epoch=False, max_iters={steps})\n"
    )
    yield read_back(
        "mmengine",
        code,
        ".py",
        rounding="`start_factor` and `gamma` are quotients of rates",
        units="iterations, which are updates where `accumulative_counts` is 1",
    )


def _factors(schedule: Schedule) -> tuple[float, list[Schedule]]:
    """Return a product as a rate and what it is multiplied by; other schedules are one factor."""
    if isinstance(schedule, Take):
        return _factors(schedule.schedule)
    if isinstance(schedule, Scale):
        rate, factors = _factors(schedule.schedule)
        return rate * schedule.factor, factors
    if isinstance(schedule, Product):
        return 1.0, list(schedule.parts)
    return 1.0, [schedule]


def _schedulers(found: list[Piece], rate: float, peak: float) -> list[Scheduler]:
    """Return the schedulers of curves; what holds the end of the one before it takes none."""
    begin, made, before = 0, list[Scheduler](), peak
    for place, piece in enumerate(found):
        last = place == len(found) - 1
        if piece.is_cut and isinstance(piece.curve, Linear | Polynomial) and not last:
            raise ScheduleError(
                f"mmengine: `end` of a scheduler is that of its curve, here {shown(piece.curve)}: "
                f"it cannot end at step {piece.steps:,.0f} of it; {INSTEAD}"
            )
        if isinstance(piece.curve, Repeat) and not last:
            raise ScheduleError(
                "mmengine: `periods` of CosineRestartLR end one iteration before the floor: "
                f"{shown(found[place + 1].curve)} cannot follow; {INSTEAD}"
            )
        held = isinstance(piece.curve, Constant) and piece.curve.value == before
        if not held and before != peak:
            raise ScheduleError(
                "mmengine: `param_scheduler` goes on from the rate that it finds, here "
                f"{before!r}: it cannot say {shown(piece.curve)} at update {begin:,}; {INSTEAD}"
            )
        if not held:
            made.append(_scheduler(piece, rate, peak, begin))
            before = peak if isinstance(piece.curve, Constant) else piece.end
        begin += int(min(piece.steps, 2**53))
    return made


def _scheduler(piece: Piece, rate: float, peak: float, begin: int) -> Scheduler:
    """Return the scheduler of a curve, which moves for the last time one iteration before `end`."""
    curve, steps = piece.curve, int(min(piece.steps, 2**53))
    if isinstance(curve, Linear | Polynomial):
        steps = int(curve.steps)  # of which the run may see the beginning alone
    window = {"by_epoch": False, "begin": begin, "end": begin + steps + 1}
    if isinstance(curve, Constant) and curve.value:
        return {"type": "ConstantLR", "factor": neat(curve.value / peak)} | window
    if isinstance(curve, Linear) and not begin and curve.start < curve.end == peak:
        if curve.start == 0:
            raise ScheduleError(
                "mmengine: `start_factor` of LinearLR must be above 0: the warm-up cannot begin at "
                f"0.0; {INSTEAD}"
            )
        return {"type": "LinearLR", "start_factor": neat(curve.start / peak)} | window
    if piece.start == peak and (falling := _falling(curve, begin, rate / peak)):
        return falling | ({} if "periods" in falling else window)
    if isinstance(curve, Piecewise) and curve.values[0] == peak:
        milestones, gamma = [begin + k for k in curve.boundaries], neat(curve.values[1] / peak)
        even = (v == 0 or math.isclose(v, peak * gamma**i) for i, v in enumerate(curve.values))
        if not all(even):
            raise ScheduleError(
                f"mmengine: `gamma` of MultiStepLR is one factor for all milestones, here {gamma!r}"
                f": it cannot say {shown(curve)}; {INSTEAD}"
            )
        return {"type": "MultiStepLR", "milestones": milestones, "gamma": gamma, "by_epoch": False}
    raise ScheduleError(
        f"mmengine: `param_scheduler` cannot say {shown(curve)} at update {begin:,} by one "
        f"scheduler, which begins at the optimizer's rate; {INSTEAD}"
    )


def _falling(curve: Schedule, begin: int, unit: float) -> Scheduler | None:
    """Return the scheduler of what begins at the peak, without its window; None if there is none.

    Args:
        curve: the curve.
        begin: its first iteration.
        unit: the rate of 1.
    """
    if isinstance(curve, Linear | Polynomial) and curve.end < curve.start:
        power = getattr(curve, "power", 1.0)
        return {"type": "PolyLR", "power": power, "eta_min": curve.end * unit}
    if isinstance(curve, Cosine | CosineWave) and curve.end < curve.start:
        steps = curve.period / 2 if isinstance(curve, CosineWave) else curve.steps
        floor = {"T_max": int(steps), "eta_min": curve.end * unit}
        return {"type": "CosineAnnealingLR"} | floor if steps == int(steps) else None
    if isinstance(curve, Staircase):
        return {"type": "StepLR", "step_size": curve.every, "gamma": curve.ratio}
    if isinstance(curve, Geometric) and curve.every == 1:
        return {"type": "ExponentialLR", "gamma": curve.ratio}
    inner = curve.schedule if isinstance(curve, Repeat) and curve.scale == 1 else None
    if isinstance(inner, Cosine) and isinstance(curve, Repeat) and curve.times <= 1_000:
        times = int(curve.times)
        periods = {"periods": [int(inner.steps)] * times, "restart_weights": [1] * times}
        alone = {"by_epoch": False, "eta_min": inner.end * unit}
        return {"type": "CosineRestartLR"} | periods | alone if not begin else None
    return None
