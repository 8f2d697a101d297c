"""detectron2: the `SOLVER` of its YAML files."""

from collections.abc import Iterator
from itertools import pairwise
from math import isclose
from typing import Any

from glissando.combinators import Drop
from glissando.convert.certificate import Draft
from glissando.convert.writers.shared.pieces import INSTEAD, Piece, pieces
from glissando.convert.writers.shared.python_code import neat
from glissando.convert.writers.shared.read_back import read_back
from glissando.convert.writers.shared.training_arguments import yaml_of
from glissando.errors import ScheduleError, shown
from glissando.families import Constant, Cosine, CosineWave, Linear, Piecewise
from glissando.schedule import Schedule


def drafts(schedule: Schedule) -> Iterator[Draft]:
    """Yield the schedule as keys of the file: a warm-up, then constant rates or a cosine."""
    if schedule.steps == float("inf"):
        raise ScheduleError(
            f"detectron2: `SOLVER.MAX_ITER` must be known, got {shown(schedule)}, which never "
            "ends; give it an end with .take(n)"
        )
    found = pieces(schedule)
    rise = found[0].curve if isinstance(found[0].curve, Linear) else None
    warmup = int(found.pop(0).steps) if rise else 0
    if rise and found and not isclose(rise.end, found[0].start, rel_tol=1e-12):
        raise ScheduleError(
            f"detectron2: `SOLVER.WARMUP_ITERS` end at the rate that follows, {found[0].start!r}: "
            f"they cannot end at {rise.end!r}; {INSTEAD}"
        )
    scheduler = _cosine(found, warmup) or _steps(schedule, found, warmup, rise)
    solver = scheduler | {
        "MAX_ITER": int(schedule.steps),
        "WARMUP_ITERS": warmup,
        "WARMUP_FACTOR": neat(schedule(0) / scheduler["BASE_LR"]),
        "WARMUP_METHOD": "linear",
    }
    yield read_back(
        "detectron2",
        yaml_of({"SOLVER": solver}),
        ".yaml",
        rounding="`GAMMA` and `WARMUP_FACTOR` are quotients of rates",
    )


def _cosine(found: list[Piece], warmup: int) -> dict[str, Any] | None:
    """Return the keys of a cosine over what the warm-up leaves, or over all; else None."""
    curve, rescaled = found[0].curve if found else None, warmup > 0
    if isinstance(curve, Drop) and curve.count == warmup:
        curve, rescaled = curve.schedule, False
    if not isinstance(curve, Cosine | CosineWave) or not curve.start:
        return None
    length = int(found[0].steps) + (0 if rescaled else warmup)
    ends = length == (curve.period / 2 if isinstance(curve, CosineWave) else curve.steps)
    if len(found) > 1 or not ends or curve.end > curve.start:
        raise ScheduleError(
            "detectron2: `SOLVER.BASE_LR_END` is the end of a cosine that falls to the last "
            f"update: it cannot say {shown(curve)} for {length:,} updates"
            + (f", and then {shown(found[1].curve)}" if len(found) > 1 else "")
            + f"; {INSTEAD}"
        )
    return {
        "LR_SCHEDULER_NAME": "WarmupCosineLR",
        "BASE_LR": curve.start,
        "BASE_LR_END": curve.end,
        "RESCALE_INTERVAL": rescaled,
    }


def _steps(
    schedule: Schedule, found: list[Piece], warmup: int, rise: Linear | None
) -> dict[str, Any]:
    """Return the keys of constant rates."""
    rates, milestones = _levels(found, warmup)
    if not rates or not rates[0] or (rise and rise.end != rates[0]):
        raise ScheduleError(
            "detectron2: `SOLVER.BASE_LR` must be above 0 and hold after the warm-up, got "
            f"{shown(schedule)}; {INSTEAD}"
        )
    gamma = neat(rates[1] / rates[0]) if len(rates) > 1 else 0.1
    uneven = (pair for pair in pairwise(rates) if not isclose(pair[1], pair[0] * gamma))
    if before_after := next(uneven, None):
        raise ScheduleError(
            f"detectron2: `SOLVER.GAMMA` is one factor for all steps, here {gamma!r}: it cannot "
            f"make {before_after[1]!r} of {before_after[0]!r}; {INSTEAD}"
        )
    return {
        "LR_SCHEDULER_NAME": "WarmupMultiStepLR",
        "BASE_LR": rates[0],
        "STEPS": str(tuple(milestones)),
        "GAMMA": gamma,
    }


def _levels(found: list[Piece], begin: int) -> tuple[list[float], list[int]]:
    """Return the rates after the warm-up, and where all but the first begin."""
    rates: list[float] = []
    milestones: list[int] = []
    for piece in found:
        curve = piece.curve
        if isinstance(curve, Constant):
            values, inner = [curve.value], [begin]
        elif isinstance(curve, Piecewise):
            values, inner = list(curve.values), [begin + step for step in (0, *curve.boundaries)]
        else:
            raise ScheduleError(
                "detectron2: `SOLVER.LR_SCHEDULER_NAME` has constant rates or a cosine after the "
                f"warm-up: it cannot say {shown(curve)}; {INSTEAD}"
            )
        for rate, step in zip(values, inner, strict=True):
            if not rates or rate != rates[-1]:
                rates.append(rate)
                milestones.append(step)
        begin += int(min(piece.steps, 2**53))
    return rates, milestones[1:]
