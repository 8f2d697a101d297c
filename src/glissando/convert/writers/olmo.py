"""OLMo: the keys of its YAML file, whose first update has the schedule's step 1."""

from collections.abc import Iterator
from typing import Any

from glissando.combinators import Drop
from glissando.convert.certificate import Draft
from glissando.convert.writers.shared.pieces import INSTEAD, Trapezoid, trapezoid
from glissando.convert.writers.shared.python_code import neat
from glissando.convert.writers.shared.read_back import read_back
from glissando.convert.writers.shared.training_arguments import yaml_of
from glissando.errors import ScheduleError, shown
from glissando.families import Cosine, InverseSqrt, Linear
from glissando.schedule import Schedule

NAMES = {Cosine: "cosine_with_warmup", Linear: "linear_with_warmup"}


def drafts(schedule: Schedule) -> Iterator[Draft]:
    """Yield the schedule as keys of the file."""
    if schedule.steps == float("inf"):
        raise ScheduleError(
            f"olmo: `max_duration` must be known, got {shown(schedule)}, which never ends; give it "
            "an end with .take(n)"
        )
    whole, warmup, start = _one_before(schedule)
    if whole.decay is not None and whole.stable:
        raise ScheduleError(
            f"olmo: `scheduler.name` has no plateau: it cannot say {whole.stable:,.0f} updates of "
            f"{whole.peak!r} before {shown(whole.decay)}; {INSTEAD}"
        )
    settings: dict[str, Any] = {
        "optimizer": {"learning_rate": whole.peak},
        "scheduler": _scheduler(whole, warmup) | ({"warmup_min_lr": start} if warmup else {}),
        "max_duration": int(schedule.steps),
    }
    yield read_back(
        "olmo",
        yaml_of(settings),
        ".yaml",
        rounding="`alpha_f` is a quotient of rates",
        units="updates, of which OLMo counts one before it asks for the rate",
    )


def _one_before(schedule: Schedule) -> tuple[Trapezoid, int, float]:
    """Return the schedule, its warm-up from OLMo's step 0 on, and the rate that begins with."""
    if isinstance(schedule, Drop) and schedule.count == 1:
        whole = trapezoid(schedule.schedule, "olmo", "scheduler.name")
        return whole, whole.warmup, whole.start
    whole = trapezoid(schedule, "olmo", "scheduler.name")
    if not whole.warmup:
        return whole, 0 if whole.decay is None else 1, 0.0
    start = neat(whole.start - (whole.peak - whole.start) / whole.warmup)
    if start < 0:
        raise ScheduleError(
            "olmo: `scheduler.warmup_min_lr` is the rate one update before the first, which must "
            f"be 0 or more, got {start!r} before {shown(schedule)}; {INSTEAD}"
        )
    return whole, whole.warmup + 1, start


def _scheduler(whole: Trapezoid, warmup: int) -> dict[str, Any]:
    """Return the scheduler's keys, its name first."""
    if whole.decay is None:
        named = {"name": "constant_with_warmup", "t_warmup": warmup}
        return named if warmup else {"name": "constant"}
    if isinstance(whole.decay, InverseSqrt) and whole.decay.timescale == warmup:
        return {"name": "inverse_sqrt_with_warmup", "t_warmup": warmup}
    if type(whole.decay) not in NAMES:
        raise ScheduleError(
            f"olmo: `scheduler.name` cannot say the decay {shown(whole.decay)}; {INSTEAD}"
        )
    return {
        "name": NAMES[type(whole.decay)],
        "t_warmup": warmup,
        "t_max": warmup + int(whole.decay.steps),
        "alpha_f": neat(whole.decay.end / whole.peak),
    }
