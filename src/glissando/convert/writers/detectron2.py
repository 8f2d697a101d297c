"""detectron2: the `SOLVER` of its YAML files."""

from collections.abc import Iterator

from glissando.convert.certificate import Draft
from glissando.convert.writers.shared.pieces import INSTEAD, Piece, pieces
from glissando.convert.writers.shared.python_code import neat
from glissando.convert.writers.shared.read_back import read_back
from glissando.convert.writers.shared.training_arguments import yaml_of
from glissando.errors import ScheduleError, shown
from glissando.families import Constant, Linear, Piecewise
from glissando.schedule import Schedule


def drafts(schedule: Schedule) -> Iterator[Draft]:
    """Yield the schedule as keys of the file: a warm-up, then constant rates."""
    if schedule.steps == float("inf"):
        raise ScheduleError(
            f"detectron2: `SOLVER.MAX_ITER` must be known, got {shown(schedule)}, which never "
            "ends; give it an end with .take(n)"
        )
    found = pieces(schedule)
    rise = found[0].curve
    warmup = int(found.pop(0).steps) if isinstance(rise, Linear) else 0
    rates, milestones = _levels(found, warmup)
    if not found or (warmup and rise.final() != rates[0]):
        raise ScheduleError(
            f"detectron2: `SOLVER.WARMUP_ITERS` end at the first rate after them, got {shown(rise)}"
            f" before {rates[0] if rates else 'nothing'!r}; {INSTEAD}"
        )
    gamma = neat(rates[1] / rates[0]) if len(rates) > 1 else 0.1
    solver = {
        "LR_SCHEDULER_NAME": "WarmupMultiStepLR",
        "BASE_LR": rates[0],
        "MAX_ITER": int(schedule.steps),
        "STEPS": str(tuple(milestones)),
        "GAMMA": gamma,
        "WARMUP_ITERS": warmup,
        "WARMUP_FACTOR": neat(schedule(0) / rates[0]),
        "WARMUP_METHOD": "linear",
    }
    yield read_back(
        "detectron2",
        yaml_of({"SOLVER": solver}),
        ".yaml",
        rounding="`GAMMA` and `WARMUP_FACTOR` are quotients of rates",
    )


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
                "detectron2: `SOLVER.LR_SCHEDULER_NAME` WarmupMultiStepLR has constant rates after "
                f"the warm-up: it cannot say {shown(curve)}; {INSTEAD}"
            )
        rates += values
        milestones += inner
        begin += int(min(piece.steps, 2**53))
    return rates, milestones[1:]
