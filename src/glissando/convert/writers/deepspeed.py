"""DeepSpeed: the scheduler of its JSON file, whose first two updates have the same rate."""

import json
import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from glissando.combinators import Drop, HoldEach
from glissando.convert.certificate import Draft
from glissando.convert.given import Given
from glissando.convert.writers.shared.pieces import INSTEAD, pieces
from glissando.convert.writers.shared.python_code import neat
from glissando.convert.writers.shared.read_back import read_back
from glissando.errors import ScheduleError, shown
from glissando.families import Constant, Cosine, InverseTime, Linear, Table
from glissando.schedule import Schedule

Settings = tuple[float, str, dict[str, Any]]
"""The optimizer's rate, the scheduler's type, and its parameters."""


def drafts(schedule: Schedule) -> Iterator[Draft]:
    """Yield the schedule as the file's `optimizer` and `scheduler`."""
    curves = [piece.curve for piece in pieces(schedule)]
    first = curves[0]
    if len(curves) == 1 and isinstance(first, Constant):
        yield _warmed(Linear(first.value, first.value, 2), first, schedule)
        return
    known = (_range_test, _one_cycle, _with_cosine, _logarithmic)
    found = next((settings for make in known if (settings := make(curves))), None)
    if found is not None:
        yield _read(*found, schedule)
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


def _range_test(curves: Sequence[Schedule]) -> Settings | None:
    """Return the settings of a line up, or of its stairs, from a rate above 0."""
    whole = curves[0]
    stairs = isinstance(whole, HoldEach)
    line = whole.schedule if isinstance(whole, HoldEach) else whole
    if len(curves) > 1 or not isinstance(line, Linear) or not 0 < line.start < line.end:
        return None
    every = whole.every if isinstance(whole, HoldEach) else int(line.steps)
    share = (line.end / line.start - 1) / (line.steps if stairs else 1)
    params = {"min_lr": line.start, "step_size": every, "step_rate": neat(share)}
    named = {f"lr_range_test_{name}": value for name, value in params.items()}
    return line.start, "LRRangeTest", named | {"lr_range_test_staircase": stairs}


def _one_cycle(curves: Sequence[Schedule]) -> Settings | None:
    """Return the settings of a line up, one back down, and what follows."""
    rise, fall, *rest = curves if len(curves) > 1 else (None, None)
    if not (isinstance(rise, Linear) and isinstance(fall, Linear) and rise.start < rise.end):
        return None
    if (fall.start, fall.end) != (rise.end, rise.start) or len(rest) > 1:
        return None
    params: dict[str, Any] = {
        "cycle_min_lr": rise.start,
        "cycle_max_lr": rise.end,
        "cycle_first_step_size": int(rise.steps),
        "cycle_second_step_size": int(fall.steps),
    }
    after = rest[0] if rest else None
    if isinstance(after, InverseTime) and after.start == rise.start:
        params |= {"decay_step_size": 1, "decay_lr_rate": after.rate}
    elif after is not None and not (isinstance(after, Constant) and after.value == rise.start):
        return None
    return rise.end, "OneCycle", params


def _with_cosine(curves: Sequence[Schedule]) -> Settings | None:
    """Return the settings of a line up after one update at 0, and of a cosine one update ahead."""
    before, rise, fall = curves if len(curves) == 3 else (None, None, None)
    cosine = (
        fall.schedule if isinstance(fall, Drop) and fall.steps == fall.schedule.steps - 1 else 0
    )
    if not (isinstance(before, Constant) and before.value == 0 and before.steps == 1):
        return None
    if not (isinstance(rise, Linear) and isinstance(cosine, Cosine) and rise.steps >= 2):
        return None
    if rise.end != cosine.start or not 0 <= rise.start <= rise.end:
        return None
    return (
        rise.end,
        "WarmupCosineLR",
        {
            "total_num_steps": int(rise.steps + cosine.steps),
            "warmup_min_ratio": neat(rise.start / rise.end),
            "warmup_num_steps": int(rise.steps),
            "cos_min_ratio": neat(cosine.end / cosine.start),
            "warmup_type": "linear",
        },
    )


def _logarithmic(curves: Sequence[Schedule]) -> Settings | None:
    """Return the settings of a rise along the logarithm, which is a table, and what follows."""
    before, rise, *rest = curves if len(curves) > 2 else (None, None)
    if not (isinstance(before, Constant) and before.steps == 1 and isinstance(rise, Table)):
        return None
    low, peak, warmup = rise(0), rest[0](0), int(rise.steps) + 1
    if not 0 <= low < peak:
        return None
    while rest and isinstance(rest[0], Constant) and rest[0].value == peak:
        rest.pop(0)
    steps: dict[str, Any] = {"warmup_num_steps": warmup, "warmup_type": "log"}
    fall = rest[0] if len(rest) == 1 else None
    if isinstance(fall, Drop) and isinstance(fall.schedule, Cosine):
        cosine = fall.schedule
        ratios = {"warmup_min_ratio": low / peak, "cos_min_ratio": cosine.end / peak}
        steps["total_num_steps"] = warmup + int(cosine.steps)
        return peak, "WarmupCosineLR", steps | {name: neat(x) for name, x in ratios.items()}
    steps |= {"warmup_min_lr": low, "warmup_max_lr": peak}
    if isinstance(fall, Linear):
        steps["total_num_steps"] = warmup + int(fall.steps)
        return peak, "WarmupDecayLR", steps
    return None if rest else (peak, "WarmupLR", steps)


def _read(rate: float, kind: str, params: dict[str, Any], schedule: Schedule) -> Draft:
    """Return the draft of a scheduler, compared with what its reader makes of it."""
    settings = {
        "optimizer": {"params": {"lr": rate}},
        "scheduler": {"type": kind, "params": params},
    }
    steps = None if schedule.steps == math.inf else int(schedule.steps)
    return read_back(
        "deepspeed",
        json.dumps(settings, indent=2) + "\n",
        ".json",
        Given(steps=steps),
        comment="",
        rounding="ratios are quotients of rates",
    )


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
