"""ESPnet: the keys of its YAML file."""

from collections.abc import Iterator
from typing import Any

from glissando.combinators import Drop, HoldEach
from glissando.convert.certificate import Draft
from glissando.convert.writers.shared.pieces import INSTEAD, Trapezoid, trapezoid
from glissando.convert.writers.shared.python_code import neat
from glissando.convert.writers.shared.read_back import read_back
from glissando.convert.writers.shared.training_arguments import yaml_of
from glissando.errors import ScheduleError, shown
from glissando.families import Cosine, Geometric, InverseSqrt, Linear, Staircase
from glissando.schedule import Schedule


def drafts(schedule: Schedule) -> Iterator[Draft]:
    """Yield the schedule as keys of the file."""
    dropped = isinstance(schedule, Drop) and schedule.count == 1
    inner = schedule.schedule if isinstance(schedule, Drop) and dropped else schedule
    whole = trapezoid(inner, "espnet", "scheduler")
    settings: dict[str, Any] = {"optim_conf": {"lr": whole.peak}}
    if whole.decay is not None or whole.warmup:
        name, part = _scheduler(whole, dropped)
        settings |= {"scheduler": name, "scheduler_conf": part}
    if isinstance(whole.decay, HoldEach):
        settings["num_iters_per_epoch"] = whole.decay.every
    yield read_back(
        "espnet",
        yaml_of(settings),
        ".yaml",
        rounding="`start_factor` and `end_factor` are quotients of rates",
        units="updates, each of one batch; ESPnet's length is `max_epoch`, which is yours",
    )


def _scheduler(whole: Trapezoid, dropped: bool) -> tuple[str, dict[str, Any]]:
    """Return the scheduler's name and its keys."""
    decay, warmup = whole.decay, whole.warmup
    if whole.stable or decay is None:
        raise ScheduleError(
            "espnet: `scheduler` has no plateau: it cannot say "
            f"{whole.stable:,.0f} updates of {whole.peak!r}; {INSTEAD}"
        )
    held = decay.schedule if isinstance(decay, HoldEach) and not warmup and not dropped else None
    if isinstance(held, Geometric) and held.every == 1:
        return "exponentiallr", {"gamma": held.ratio}
    if isinstance(held, Staircase):
        return "steplr", {"step_size": held.every, "gamma": held.ratio}
    if isinstance(decay, InverseSqrt):
        return "warmuplr", {"warmup_steps": _root(whole, warmup + (not dropped), dropped)}
    if isinstance(decay, Linear) and (whole.start or not warmup) and not dropped:
        return "linearwarmupdecaylr", {
            "warmup_steps": warmup,
            "total_steps": warmup + int(decay.steps),
            "start_factor": neat(whole.start / whole.peak),
            "end_factor": neat(decay.end / whole.peak),
        }
    cycle = isinstance(decay, Cosine) and warmup and not whole.rest and not dropped
    if cycle and whole.start == decay.end:
        return "cosineannealingwarmuprestarts", {
            "first_cycle_steps": warmup + int(decay.steps),
            "warmup_steps": warmup,
            "max_lr": whole.peak,
            "min_lr": decay.end,
        }
    raise ScheduleError(
        f"espnet: `scheduler` cannot say {shown(decay)} after a warm-up of {warmup:,} updates from "
        f"{whole.start!r}: a line begins above 0, and a cosine where it ends; {INSTEAD}"
    )


def _root(whole: Trapezoid, warmup: int, dropped: bool) -> int:
    """Return the warm-up of an inverse square root, which is as long as its own scale."""
    first = 0.0 if dropped else whole.peak / warmup
    if whole.decay.timescale != warmup or abs(whole.start - first) > 1e-12 * whole.peak:
        raise ScheduleError(
            f"espnet: `scheduler_conf.warmup_steps` begins at lr / warmup_steps, here {first!r}, "
            f"and is the timescale of what follows, here {warmup}: it cannot say a start of "
            f"{whole.start!r} and {shown(whole.decay)}; {INSTEAD}"
        )
    return warmup
