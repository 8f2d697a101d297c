"""torchtitan up to 0.2: the keys of its TOML file."""

from collections.abc import Iterator
from typing import Any

from glissando.convert.certificate import Draft
from glissando.convert.writers.shared.pieces import INSTEAD, Trapezoid, trapezoid
from glissando.convert.writers.shared.python_code import neat
from glissando.dialects.torchtitan import LRSchedulersContainer
from glissando.errors import ScheduleError, shown
from glissando.families import Cosine, CosineWave, Linear, Sqrt
from glissando.schedule import Schedule

SHAPES = {Linear: "linear", Sqrt: "sqrt", Cosine: "cosine", CosineWave: "cosine"}


def drafts(schedule: Schedule) -> Iterator[Draft]:
    """Yield the schedule as keys of the file."""
    whole = trapezoid(schedule, "torchtitan", "decay_type")
    if whole.steps == float("inf"):
        raise ScheduleError(
            f"torchtitan: `steps` of [training] must be known, got {shown(schedule)}, which never "
            "ends; give it an end with .take(n)"
        )
    steps, warmup = int(whole.steps), whole.warmup + 1 if whole.warmup else 0
    if warmup and abs(whole.start - whole.peak / warmup) > 1e-12 * whole.peak:
        raise ScheduleError(
            f"torchtitan: `warmup_steps` begin at lr / warmup_steps, here {whole.peak / warmup!r}: "
            f"they cannot begin at {whole.start!r}; {INSTEAD}"
        )
    if whole.decay is not None and type(whole.decay) not in SHAPES:
        raise ScheduleError(
            f"torchtitan: `decay_type` must be linear, sqrt or cosine, got {shown(whole.decay)}; "
            f"{INSTEAD}"
        )
    if whole.rest:
        raise ScheduleError(
            "torchtitan: `decay_ratio` is the last part of the run: its floor cannot be held for "
            f"{whole.rest:,.0f} updates more; {INSTEAD}"
        )
    if warmup and whole.decay is not None and not whole.stable:
        raise ScheduleError(
            "torchtitan: `warmup_steps` are followed by the peak for one more update: the decay "
            f"cannot begin at update {whole.warmup:,}; put gl.Constant({whole.peak!r}, steps=1) >> "
            f"before it, or {INSTEAD}"
        )
    yield _draft(whole, steps, warmup)


def _draft(whole: Trapezoid, steps: int, warmup: int) -> Draft:
    curve, decay = whole.decay, 0
    if curve is not None:
        decay = int(curve.period / 2 if isinstance(curve, CosineWave) else curve.steps)
    total = whole.warmup + int(whole.stable) + decay if decay else max(steps, warmup)
    given: dict[str, Any] = {
        "warmup_steps": warmup,
        "decay_type": SHAPES[type(whole.decay)] if decay else "linear",
        "min_lr_factor": neat(curve.end / whole.peak) if decay else 0.0,
    }
    if total != steps:  # the run is over before
        given["total_steps"] = total
    if decay != total - warmup:
        given["decay_ratio"] = decay / total
    curve = LRSchedulersContainer(**given, lr=whole.peak, training_steps=steps)
    lines = [f"{name} = {_toml(value)}" for name, value in given.items()]
    code = (
        f"[optimizer]\nlr = {_toml(whole.peak)}\n\n[lr_scheduler]\n"
        + "\n".join(lines)
        + f"\n\n[training]\nsteps = {steps}\n"
    )
    return Draft(
        code=code,
        native=True,
        by="the formula of torchtitan's LRSchedulersContainer",
        rates=lambda steps: [curve(step) for step in steps],
        rounding="`min_lr_factor` and `decay_ratio` are quotients; the decay takes "
        "round(steps * decay_ratio) updates",
        units="updates; of torchtitan 0.3 and later these are fields of a Python configuration",
    )


def _toml(value: object) -> str:
    return f'"{value}"' if isinstance(value, str) else repr(value)
