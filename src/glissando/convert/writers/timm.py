"""timm: the keys of the args.yaml of its train.py, which counts epochs."""

import math
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from glissando.combinators import Drop, HoldEach, Repeat
from glissando.convert.certificate import Draft
from glissando.convert.given import Given
from glissando.convert.writers.shared.pieces import INSTEAD, Piece, Trapezoid, pieces, trapezoid
from glissando.convert.writers.shared.python_code import neat
from glissando.convert.writers.shared.read_back import read_back
from glissando.convert.writers.shared.training_arguments import yaml_of
from glissando.errors import ScheduleError, shown
from glissando.families import Cosine, KDecay, Linear, Piecewise, Polynomial, Sqrt, Staircase
from glissando.schedule import Schedule

AFTER_PLATEAU = {Linear: "linear", Cosine: "cosine", Sqrt: "1-sqrt"}
"""The decays after a plateau."""


def drafts(schedule: Schedule) -> Iterator[Draft]:
    """Yield the schedule as keys of the file: a step is an epoch, or so many make one."""
    each, inner = 1, schedule
    if isinstance(schedule, HoldEach):
        each, inner = schedule.every, schedule.schedule
    keys = _stairs(inner) or _under(inner) or _smooth(trapezoid(inner, "timm", "sched"))
    taken = "an epoch is one step" if each == 1 else f"an epoch is {each:,} updates"
    yield read_back(
        "timm",
        yaml_of({"opt": "sgd", **keys}),
        ".yaml",
        Given(steps_per_epoch=each),
        rounding="`decay_rate` of milestones is a quotient of rates",
        units=taken + ("" if "epochs" in keys else "; the schedule has no end: `epochs` is yours"),
    )


def _stairs(schedule: Schedule) -> dict[str, Any] | None:
    """Return the keys of a staircase, which may follow a warm-up; None if it is none."""
    found = pieces(schedule)
    rise = found.pop(0) if len(found) > 1 and isinstance(found[0].curve, Linear) else None
    curve = found[0].curve
    if len(found) != 1 or not isinstance(curve, Staircase | Piecewise):
        return None
    return _base(rise, curve(0), schedule.steps) | _stepped(curve)


def _stepped(curve: Staircase | Piecewise) -> dict[str, Any]:
    """Return the keys of stairs; a milestone has its effect one step early."""
    if isinstance(curve, Staircase):
        return {"sched": "step", "decay_epochs": curve.every, "decay_rate": curve.ratio}
    ratios = [neat(after / before) for before, after in pairwise(curve.values) if before]
    if any(not math.isclose(ratio, ratios[0], rel_tol=1e-12) for ratio in ratios):
        raise ScheduleError(
            f"timm: `decay_rate` is the same at all `decay_milestones`: it cannot say "
            f"{shown(curve)}; {INSTEAD}"
        )
    milestones = [step + 1 for step in curve.boundaries]
    rate = ratios[0] if ratios else 1.0
    return {"sched": "multistep", "decay_milestones": milestones, "decay_rate": rate}


def _under(schedule: Schedule) -> dict[str, Any] | None:
    """Return the keys of a decay that has begun under its warm-up; None if it is another thing."""
    found = pieces(schedule)
    if len(found) != 2 or not isinstance(found[1].curve, Drop):
        return None
    rise, whole = found[0], found[1].curve.schedule
    if not isinstance(rise.curve, Linear) or whole(rise.steps) != found[1].curve(0):
        return None
    keys = _base(rise, rise.end, schedule.steps) | {"warmup_prefix": False}
    if isinstance(whole, Staircase | Piecewise):
        return keys | _stepped(whole)
    if whole.steps == math.inf:
        return None
    return keys | {"epochs": int(whole.steps), "min_lr": whole.final(), **_falling(whole)}


def _base(rise: Piece | None, peak: float, steps: float) -> dict[str, Any]:
    """Return the keys of a warm-up, before which nothing is, and of the whole length."""
    warmup = int(rise.steps) if rise else 0
    keys: dict[str, Any] = {"sched": ""}
    if steps < math.inf:
        keys["epochs"] = max(1, int(steps) - warmup)
    return keys | {
        "lr": peak,
        "min_lr": 0.0,
        "warmup_epochs": warmup,
        "warmup_lr": rise.start if rise else 0.0,
        "warmup_prefix": True,
    }


def _smooth(whole: Trapezoid) -> dict[str, Any]:
    """Return the keys of a warm-up, a plateau and a decay."""
    rise = Piece(Linear(whole.start, whole.peak, whole.warmup), whole.warmup)
    keys = _base(rise if whole.warmup else None, whole.peak, whole.steps)
    decay = whole.decay
    if decay is None:
        return keys | {"sched": "constant"}
    if whole.decay_steps == math.inf:
        raise _unsaid(decay, " that never ends")
    keys |= {"min_lr": whole.floor, "epochs": int(whole.stable + whole.decay_steps)}
    if 0 < whole.rest < math.inf:
        keys["cooldown_epochs"] = int(whole.rest)
    if whole.stable:
        if type(decay) not in AFTER_PLATEAU:
            raise _unsaid(decay, f" after a plateau of {whole.stable:,.0f} steps")
        shape = AFTER_PLATEAU[type(decay)]
        return keys | {
            "sched": "wsd",
            "decay_epochs": int(whole.decay_steps),
            "lr_decay_fn": shape,
        }
    if isinstance(decay, Repeat):
        one = decay.schedule
        cycles = {"lr_cycle_limit": int(decay.times), "lr_cycle_decay": decay.scale}
        return keys | {"epochs": int(one.steps), "min_lr": one.final(), **cycles, **_falling(one)}
    return keys | _falling(decay)


def _falling(decay: Schedule) -> dict[str, Any]:
    """Return the keys of a decay over all epochs."""
    if isinstance(decay, Linear | Polynomial):
        return {"sched": "poly", "decay_rate": getattr(decay, "power", 1.0)}
    if isinstance(decay, KDecay):
        return {"sched": "cosine", "lr_k_decay": decay.power}
    if isinstance(decay, Cosine):
        return {"sched": "cosine"}
    raise _unsaid(decay)


def _unsaid(decay: Schedule, where: str = "") -> ScheduleError:
    return ScheduleError(f"timm: `sched` cannot say the decay {shown(decay)}{where}; {INSTEAD}")
