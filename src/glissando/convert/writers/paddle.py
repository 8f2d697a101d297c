"""PaddleSeg: the keys of its YAML files, which count updates and name Paddle's own classes."""

import math
from collections.abc import Iterator
from typing import Any

from glissando.combinators import Repeat
from glissando.convert.certificate import Draft
from glissando.convert.writers.shared.pieces import INSTEAD, Piece, pieces
from glissando.convert.writers.shared.python_code import neat
from glissando.convert.writers.shared.read_back import read_back
from glissando.convert.writers.shared.training_arguments import yaml_of
from glissando.errors import ScheduleError, shown
from glissando.families import (
    Constant,
    Cosine,
    CosineWave,
    Exponential,
    Geometric,
    InverseTime,
    Linear,
    Piecewise,
    Polynomial,
    Staircase,
)
from glissando.schedule import Schedule


def drafts(schedule: Schedule) -> Iterator[Draft]:
    """Yield the schedule as keys of the file: a warm-up, and one of Paddle's classes."""
    if schedule.steps == math.inf:
        raise ScheduleError(
            f"paddle: `iters` must be known, got {shown(schedule)}, which never ends; give it an "
            "end with .take(n)"
        )
    found = pieces(schedule)
    first, warmup = found[0].curve, dict[str, Any]()
    if isinstance(first, Linear) and first.end > first.start:
        rise = found.pop(0)
        found = found or [Piece(Constant(rise.end), 0)]
        warmup = {"warmup_iters": int(rise.steps), "warmup_start_lr": first.start}
        if found[0].start != rise.end:
            raise ScheduleError(
                "paddle: `warmup_iters` end at `learning_rate`, with which the rest begins: they "
                f"cannot end at {rise.end!r} before {found[0].start!r}; {INSTEAD}"
            )
    scheduler = _levels(found) or _curve(found)
    if warmup and "values" in scheduler:
        raise ScheduleError(
            "paddle: `values` of PiecewiseDecay have no `learning_rate` for a warm-up, and "
            f"MultiStepDecay has one `gamma`: it cannot say {shown(schedule)}; {INSTEAD}"
        )
    settings = {"iters": int(schedule.steps), "lr_scheduler": scheduler | warmup}
    yield read_back(
        "paddle",
        yaml_of(settings),
        ".yml",
        rounding="`gamma` is a quotient of rates" if "gamma" in scheduler else "none",
        units="updates, which PaddleSeg counts; PaddleDetection, PaddleOCR and PaddleClas count "
        "epochs",
    )


def _levels(found: list[Piece]) -> dict[str, Any] | None:
    """Return the scheduler of constant rates, None where one is not."""
    values: list[float] = []
    steps: list[int] = []
    begin = 0
    for curve, length in found:
        if not isinstance(curve, Constant | Piecewise):
            return None
        inner = curve.values if isinstance(curve, Piecewise) else [curve.value]
        starts = [0, *(curve.boundaries if isinstance(curve, Piecewise) else [])]
        for value, start in zip(inner, starts, strict=True):
            if not values or value != values[-1]:
                values.append(value)
                steps.append(begin + start)
        begin += int(min(length, 2**53))
    rate, milestones = values[0], steps[1:]
    if not milestones:
        return {"type": "PolynomialDecay", "learning_rate": rate, "decay_steps": 1, "end_lr": rate}
    gamma = neat(values[1] / rate) if rate else 0.0
    if 0 < gamma < 1 and all(
        math.isclose(value, rate * gamma**i, rel_tol=1e-13) for i, value in enumerate(values)
    ):
        own = {"learning_rate": rate, "milestones": milestones, "gamma": gamma}
        return {"type": "MultiStepDecay"} | own
    return {"type": "PiecewiseDecay", "boundaries": milestones, "values": values}


def _curve(found: list[Piece]) -> dict[str, Any]:
    """Return the scheduler of one curve, whose end may be held."""
    curve, rest = found[0].curve, found[1:]
    if any(piece.curve != Constant(found[0].end) for piece in rest):
        raise ScheduleError(
            f"paddle: `lr_scheduler.type` is one class: it cannot say {shown(found[1].curve)} "
            f"after {shown(curve)}; {INSTEAD}"
        )
    start = {"learning_rate": found[0].start}
    if isinstance(curve, Linear | Polynomial) and curve.end <= curve.start:
        power = getattr(curve, "power", 1.0)
        own = {"decay_steps": int(curve.steps), "end_lr": curve.end, "power": power}
        return {"type": "PolynomialDecay"} | start | own
    if isinstance(curve, Cosine) and not rest:
        own = {"T_max": int(curve.steps), "eta_min": curve.end}
        return {"type": "CosineAnnealingDecay"} | start | own
    if isinstance(curve, CosineWave) and curve.period % 2 == 0 and not rest:
        own = {"T_max": int(curve.period / 2), "eta_min": curve.end}
        return {"type": "CosineAnnealingDecay"} | start | own
    if isinstance(curve, Repeat) and isinstance(curve.schedule, Cosine) and curve.scale == 1:
        own = {"T_0": int(curve.schedule.steps), "eta_min": curve.schedule.end}
        return {"type": "CosineAnnealingWarmRestarts"} | start | own
    if isinstance(curve, Staircase) and not rest:
        return {"type": "StepDecay"} | start | {"step_size": curve.every, "gamma": curve.ratio}
    if isinstance(curve, Geometric) and curve.every == 1 and not rest:
        return {"type": "ExponentialDecay"} | start | {"gamma": curve.ratio}
    if isinstance(curve, Exponential) and not rest:
        return {"type": "NaturalExpDecay"} | start | {"gamma": curve.rate}
    if isinstance(curve, InverseTime) and not rest:
        return {"type": "InverseTimeDecay"} | start | {"gamma": curve.rate}
    held = f" that then holds {found[0].end!r}" if rest else ""
    raise ScheduleError(f"paddle: `lr_scheduler.type` cannot say {shown(curve)}{held}; {INSTEAD}")
