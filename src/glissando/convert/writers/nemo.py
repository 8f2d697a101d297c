"""NeMo 1: the keys of its YAML files."""

import math
from collections.abc import Iterator
from typing import Any

from glissando.convert.certificate import Draft
from glissando.convert.writers.shared.pieces import INSTEAD, Trapezoid, trapezoid
from glissando.convert.writers.shared.read_back import read_back
from glissando.convert.writers.shared.training_arguments import yaml_of
from glissando.errors import ScheduleError, shown
from glissando.families import Cosine, InverseSqrt, Linear, Polynomial, PowerLaw, Sqrt
from glissando.schedule import Schedule


def drafts(schedule: Schedule) -> Iterator[Draft]:
    """Yield the schedule as keys of the file."""
    whole = trapezoid(schedule, "nemo", "sched.name")
    optimizer: dict[str, Any] = {"lr": whole.peak}
    settings: dict[str, Any] = {"model": {"optim": optimizer}}
    if whole.warmup or whole.decay is not None:
        optimizer["sched"] = _scheduler(whole)
    if whole.steps < math.inf:
        settings["trainer"] = {"max_steps": int(whole.steps)}
    elif whole.decay is not None:
        raise ScheduleError(
            f"nemo: `trainer.max_steps` must be known, got {shown(schedule)}, which never ends; "
            "give it an end with .take(n)"
        )
    yield read_back("nemo", yaml_of(settings), ".yaml")


def _scheduler(whole: Trapezoid) -> dict[str, Any]:
    """Return the scheduler's keys, its name first."""
    decay, warmup, rest = whole.decay, whole.warmup, int(min(whole.rest, 2**53))
    warmed: dict[str, Any] = {"warmup_steps": warmup} if warmup else {}
    if isinstance(decay, Cosine) and not whole.stable and rest and not (warmup and whole.start):
        return {"name": "CosineAnnealing"} | warmed | {"constant_steps": rest, "min_lr": decay.end}
    if warmup and not math.isclose(whole.start * (warmup + 1), whole.peak):
        raise ScheduleError(
            "nemo: `sched.warmup_steps` begin at lr / (warmup_steps + 1), here "
            f"{whole.peak / (warmup + 1)!r}: they cannot begin at {whole.start!r}; {INSTEAD}"
        )
    if decay is None:
        return {"name": "WarmupPolicy"} | warmed
    end = warmup + whole.stable + whole.decay_steps
    if whole.steps < end < math.inf:
        raise ScheduleError(
            f"nemo: `trainer.max_steps` is the end of the decay, here at update {end:,.0f}: it "
            f"cannot be {whole.steps:,.0f}; {INSTEAD}"
        )
    if rest:
        raise ScheduleError(
            "nemo: `sched.constant_steps` hold the floor of a cosine without a warm-up above 0 "
            f"alone: they cannot hold {whole.floor!r} after {shown(decay)}; {INSTEAD}"
        )
    held = {"hold_steps": int(whole.stable)} if whole.stable else {}
    if isinstance(decay, PowerLaw) and warmup and decay.timescale == warmup:
        rate = {"decay_rate": decay.power}
        return {"name": "NoamHoldAnnealing"} | warmed | held | rate
    if isinstance(decay, Linear | Polynomial):
        name = "PolynomialHoldDecayAnnealing" if held else "PolynomialDecayAnnealing"
        floor = {"min_lr": decay.end, "power": getattr(decay, "power", 1.0)}
        return {"name": name} | warmed | held | floor
    if isinstance(decay, Sqrt) and held and decay.end == 0:
        return {"name": "WarmupHoldAnnealOneMinusSquareRoot"} | warmed | held
    if held:
        raise ScheduleError(
            f"nemo: `sched.hold_steps` cannot be followed by {shown(decay)}; {INSTEAD}"
        )
    if isinstance(decay, Cosine):
        return {"name": "CosineAnnealing"} | warmed | {"min_lr": decay.end}
    if isinstance(decay, InverseSqrt) and decay.timescale == warmup + 1:
        return {"name": "InverseSquareRootAnnealing"} | warmed
    raise ScheduleError(f"nemo: `sched.name` cannot say the decay {shown(decay)}; {INSTEAD}")
