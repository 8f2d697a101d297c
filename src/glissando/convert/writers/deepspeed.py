"""DeepSpeed: the scheduler of its JSON file, whose first two updates have the same rate."""

import json
from collections.abc import Callable, Iterator
from typing import Any

from glissando.convert.certificate import Draft
from glissando.convert.writers.shared.pieces import INSTEAD, pieces
from glissando.errors import ScheduleError, shown
from glissando.families import Constant, Linear
from glissando.schedule import Schedule


def drafts(schedule: Schedule) -> Iterator[Draft]:
    """Yield the schedule as the file's `optimizer` and `scheduler`."""
    found = pieces(schedule)
    curves = [piece.curve for piece in found]
    first = curves[0]
    if len(curves) == 1 and isinstance(first, Constant):
        yield _warmed(Linear(first.value, first.value, 2), first, schedule)
        return
    if schedule(1) != schedule(0):
        raise ScheduleError(
            "deepspeed: `scheduler` is stepped after the update, so that updates 0 and 1 both have "
            f"`warmup_min_lr`: it cannot say {shown(schedule)}; put gl.Constant("
            f"{schedule(0)!r}, steps=1) >> before it, or {INSTEAD}"
        )
    rise = curves[1] if len(curves) > 1 else None
    if not (
        len(curves) == 3
        and isinstance(first, Constant)
        and first.steps == 1
        and isinstance(rise, Linear)
        and rise.steps >= 2
        and rise.start == first.value <= rise.end
    ):
        raise _unsaid("a warm-up by a line of 2 updates or more, and then", schedule)
    yield _warmed(rise, curves[2], schedule)


def _warmed(rise: Linear, fall: Schedule, schedule: Schedule) -> Draft:
    """Return the draft of a line up, after which the rate stays or falls back to its floor."""
    low, high, warmup = rise.start, rise.end, int(rise.steps)
    params: dict[str, Any] = {
        "warmup_min_lr": low,
        "warmup_max_lr": high,
        "warmup_num_steps": warmup,
    }
    params |= {"warmup_type": "linear"}
    kind, total = "WarmupLR", 0
    if isinstance(fall, Linear) and fall.start == high and fall.end == low:
        kind, total = "WarmupDecayLR", warmup + int(fall.steps)
        params["total_num_steps"] = total
    elif not isinstance(fall, Constant) or fall.value != high:
        raise _unsaid("a warm-up, and then", schedule)

    def rate(k: int) -> float:
        t = max(0, k - 1)  # it is built at -1, and stepped after the update
        gamma = t / warmup if t < warmup else 1.0
        if total and t >= warmup:
            gamma = max(0.0, (total - t) / (total - warmup))
        return low + (high - low) * gamma

    return _draft({"scheduler": {"type": kind, "params": params}}, rate)


def _unsaid(what: str, schedule: Schedule) -> ScheduleError:
    return ScheduleError(
        f"deepspeed: `scheduler.type` has {what} one rate or a line back to `warmup_min_lr`: it "
        f"cannot say {shown(schedule)}; {INSTEAD}"
    )


def _draft(settings: dict[str, Any], rate: Callable[[int], float]) -> Draft:
    return Draft(
        code=json.dumps(settings, indent=2) + "\n",
        native=True,
        by="the formula of DeepSpeed's schedulers, stepped after each update",
        rates=lambda steps: [rate(step) for step in steps],
        comment="",
        groups="all of the optimizer's get the same rate",
    )
