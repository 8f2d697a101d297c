"""SpeechBrain: the optimizer and the scheduler of a hyperpyyaml file.

A scheduler is asked after the update: the first has the rate that the optimizer is made with.
"""

from collections.abc import Iterator
from typing import Any

from glissando.combinators import Chain, Drop
from glissando.convert.certificate import Draft
from glissando.convert.writers.shared.pieces import INSTEAD, Trapezoid, trapezoid
from glissando.convert.writers.shared.python_code import neat
from glissando.convert.writers.shared.read_back import read_back
from glissando.convert.writers.shared.training_arguments import scalar
from glissando.errors import ScheduleError, shown
from glissando.families import Constant, Geometric, InverseSqrt, Linear, LogLinear
from glissando.schedule import Schedule

NAME = "lr_annealing"


def drafts(schedule: Schedule) -> Iterator[Draft]:
    """Yield the schedule as parts of the file."""
    own, inner = _asked(schedule)
    whole = trapezoid(inner, "speechbrain", NAME)
    kind, arguments = _scheduler(whole)
    lines = "".join(f"  {name}: {scalar(value)}\n" for name, value in arguments.items())
    code = (
        f"opt_class: !name:torch.optim.AdamW\n  lr: {scalar(whole.start if own is None else own)}\n"
        f"{NAME}: !new:speechbrain.nnet.schedulers.{kind}\n{lines}"
    )
    called = "(optimizer, optimizer_step)" if kind == "TriStageLRSchedule" else "(optimizer)"
    yield read_back(
        "speechbrain",
        code,
        ".yaml",
        rounding="`init_lr_scale` and `final_lr_scale` are quotients of rates",
        units=f"updates, after each of which your code calls {NAME}{called}",
    )


def _asked(schedule: Schedule) -> tuple[float | None, Schedule]:
    """Return the optimizer's own rate, where it is another, and what follows a step of it."""
    if isinstance(schedule, Chain) and len(schedule.parts) == 2:
        first, rest = schedule.parts
        if isinstance(first, Constant) and first.steps == 1 and isinstance(rest, Drop):
            return (first.value, rest.schedule) if rest.count == 1 else (None, schedule)
    return None, schedule


def _scheduler(whole: Trapezoid) -> tuple[str, dict[str, Any]]:
    """Return the name of the scheduler's class and its arguments."""
    decay, warmup, peak = whole.decay, whole.warmup, whole.peak
    begins_at_0 = whole.start == 0 or not warmup
    if isinstance(decay, Linear) and decay.end == 0 and begins_at_0 and not whole.stable:
        return "LinearWarmupScheduler", {
            "initial_value": peak,
            "num_warmup_steps": warmup,
            "num_training_steps": warmup + int(decay.steps),
        }
    root = isinstance(decay, InverseSqrt) and decay.timescale == warmup
    if root and begins_at_0 and not whole.stable:
        return "NoamScheduler", {"lr_initial": peak, "n_warmup_steps": warmup}
    if isinstance(decay, LogLinear | Geometric) and warmup and not whole.rest:
        if isinstance(decay, LogLinear):
            length, ratio = int(decay.steps), neat(decay.end / peak)
        else:
            length, ratio = int(decay.every), decay.ratio
        return "TriStageLRSchedule", {
            "lr": peak,
            "warmup_steps": warmup,
            "hold_steps": int(whole.stable),
            "decay_steps": length,
            "total_steps": warmup + int(whole.stable) + length,
            "init_lr_scale": neat(whole.start / peak),
            "final_lr_scale": ratio,
        }
    after = f"a plateau of {whole.stable:,.0f} updates and " if whole.stable else ""
    what = shown(decay) if decay else "nothing"
    raise ScheduleError(
        f"speechbrain: `{NAME}` has no scheduler for a warm-up of {warmup:,} updates from "
        f"{whole.start!r}, {after}{what}; {INSTEAD}"
    )
