"""fairseq: the keys of its YAML files."""

from collections.abc import Iterator
from math import inf
from typing import Any

from glissando.combinators import Repeat
from glissando.convert.certificate import Draft
from glissando.convert.writers.shared.pieces import INSTEAD, Trapezoid, trapezoid
from glissando.convert.writers.shared.python_code import neat
from glissando.convert.writers.shared.read_back import read_back
from glissando.convert.writers.shared.training_arguments import yaml_of
from glissando.errors import ScheduleError, shown
from glissando.families import Cosine, InverseSqrt, Linear, LogLinear, Polynomial
from glissando.schedule import Schedule


def drafts(schedule: Schedule) -> Iterator[Draft]:
    """Yield the schedule as keys of the file."""
    whole = trapezoid(schedule, "fairseq", "lr_scheduler._name")
    settings: dict[str, Any] = {"optimization": {"lr": [whole.peak]}}
    if whole.steps < inf:
        settings["optimization"]["max_update"] = int(whole.steps)
    settings["lr_scheduler"] = _scheduler(whole)
    yield read_back("fairseq", yaml_of(settings), ".yaml")


def _scheduler(whole: Trapezoid) -> dict[str, Any]:
    """Return the scheduler's keys, its name first."""
    decay, warmup = whole.decay, whole.warmup
    length = int(min(decay.steps, 2**53)) if decay else 0
    if decay is None and not warmup:
        return {"_name": "fixed"}
    if decay is None and abs(whole.start - whole.peak / (warmup + 1)) <= 1e-12 * whole.peak:
        return {"_name": "fixed", "warmup_updates": warmup + 1}
    if isinstance(decay, LogLinear):
        start, end = (neat(rate / whole.peak) for rate in (whole.start, decay.end))
        return {
            "_name": "tri_stage",
            "warmup_steps": warmup,
            "hold_steps": int(whole.stable),
            "decay_steps": length,
            "init_lr_scale": start,
            "final_lr_scale": end,
        }
    if whole.stable or decay is None:
        raise ScheduleError(
            "fairseq: `lr_scheduler._name` has a plateau in 'tri_stage' alone, whose decay is "
            f"logarithmic: it cannot say {shown(decay) if decay else 'a plateau'} there; {INSTEAD}"
        )
    if isinstance(decay, Repeat) and isinstance(decay.schedule, Cosine) and decay.times == inf:
        return {
            "_name": "cosine",
            "warmup_updates": warmup,
            "warmup_init_lr": whole.start if warmup else 0.0,
            "min_lr": decay.schedule.end,
            "lr_period_updates": int(decay.schedule.steps),
            "lr_shrink": decay.scale,
        }
    if isinstance(decay, Cosine) and whole.rest:
        raise ScheduleError(
            "fairseq: `lr_period_updates` are followed by another cosine: the floor cannot be held "
            f"for {whole.rest:,.0f} updates; {INSTEAD}"
        )
    if isinstance(decay, Cosine):
        return {
            "_name": "cosine",
            "warmup_updates": warmup,
            "warmup_init_lr": whole.start if warmup else 0.0,
            "min_lr": decay.end,
            "lr_period_updates": length,
        }
    if isinstance(decay, InverseSqrt) and warmup and decay.timescale == warmup:
        first = whole.start
        return {"_name": "inverse_sqrt", "warmup_updates": warmup, "warmup_init_lr": first}
    if warmup and whole.start:
        raise ScheduleError(
            "fairseq: `warmup_updates` of 'polynomial_decay' begin at 0: they cannot begin at "
            f"{whole.start!r}; {INSTEAD}"
        )
    if isinstance(decay, Linear | Polynomial):
        return {
            "_name": "polynomial_decay",
            "warmup_updates": warmup,
            "total_num_update": warmup + length,
            "end_learning_rate": decay.end,
            "power": getattr(decay, "power", 1.0),
        }
    raise ScheduleError(
        f"fairseq: `lr_scheduler._name` cannot say the decay {shown(decay)}; {INSTEAD}"
    )
