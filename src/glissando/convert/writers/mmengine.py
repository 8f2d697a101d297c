"""mmengine, mmdet 3 and their like: `param_scheduler` of their Python files."""

from collections.abc import Iterator
from textwrap import indent
from typing import Any

from glissando.convert.certificate import Draft
from glissando.convert.writers.shared.pieces import INSTEAD, Piece, pieces
from glissando.convert.writers.shared.python_code import called, literal, neat
from glissando.convert.writers.shared.read_back import read_back
from glissando.errors import ScheduleError, shown
from glissando.families import Constant, Cosine, Linear, Piecewise
from glissando.schedule import Schedule


def drafts(schedule: Schedule) -> Iterator[Draft]:
    """Yield the schedule as the file's variables."""
    if schedule.steps == float("inf"):
        raise ScheduleError(
            f"mmengine: `max_iters` of train_cfg must be known, got {shown(schedule)}, which never "
            "ends; give it an end with .take(n)"
        )
    found = pieces(schedule)
    peak = max(piece.start for piece in found) or found[0].end
    begin, schedulers = 0, list[dict[str, Any]]()
    for place, piece in enumerate(found):
        following = found[place + 1].curve if place + 1 < len(found) else None
        made = _scheduler(piece, peak, begin, following)
        if made:
            schedulers.append(made)
        begin += int(min(piece.steps, schedule.steps))
    inner = "".join(indent(called("dict", **made), "    ") + ",\n" for made in schedulers)
    listed = f"[\n{inner}]" if inner else "[]"
    steps = int(schedule.steps)
    code = (
        f"optim_wrapper = dict(optimizer=dict(lr={literal(peak)}))\n"
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


def _scheduler(
    piece: Piece, peak: float, begin: int, following: Schedule | None
) -> dict[str, Any] | None:
    """Return the scheduler of a curve, if it takes one; a warm-up ends one iteration later."""
    curve, end = piece.curve, begin + int(min(piece.steps, 2**53))
    if isinstance(curve, Constant) and curve.value == peak:
        return None
    window = {"by_epoch": False, "begin": begin, "end": end}
    if isinstance(curve, Linear) and not begin and 0 < curve.start < curve.end == peak:
        if following is not None and not isinstance(following, Constant | Piecewise):
            raise ScheduleError(
                f"mmengine: `end` of LinearLR is one iteration after its peak: {shown(following)} "
                f"cannot follow at once; put gl.Constant({peak!r}, steps=1) >> before it, or "
                f"{INSTEAD}"
            )
        return (
            {"type": "LinearLR", "start_factor": neat(curve.start / peak)}
            | window
            | {"end": end + 1}
        )
    if isinstance(curve, Cosine) and curve.start == peak:
        steps = int(curve.steps)
        return {"type": "CosineAnnealingLR", "T_max": steps, "eta_min": curve.end} | window
    if isinstance(curve, Piecewise) and curve.values[0] == peak and curve.boundaries:
        milestones = [begin + step for step in curve.boundaries]
        gamma = neat(curve.values[1] / peak)
        return {"type": "MultiStepLR", "milestones": milestones, "gamma": gamma, "by_epoch": False}
    if isinstance(curve, Linear) and not begin and curve.start == 0:
        raise ScheduleError(
            "mmengine: `start_factor` of LinearLR must be above 0: the warm-up cannot begin at "
            f"0.0; {INSTEAD}"
        )
    raise ScheduleError(
        f"mmengine: `param_scheduler` cannot say {shown(curve)} at update {begin:,} as one of "
        f"LinearLR, CosineAnnealingLR and MultiStepLR; {INSTEAD}"
    )
