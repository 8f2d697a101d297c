"""Megatron-LM: the flags of its command line."""

from collections.abc import Iterator
from typing import Any

from glissando.convert.certificate import Draft
from glissando.convert.writers.shared.pieces import INSTEAD, Trapezoid, trapezoid
from glissando.dialects.megatron import OptimizerParamScheduler
from glissando.errors import ScheduleError, shown
from glissando.families import Cosine, ExponentialCooldown, InverseSqrt, Linear, Sqrt
from glissando.schedule import Schedule

STYLES = {Linear: "linear", Cosine: "cosine", InverseSqrt: "inverse-square-root"}
COOLDOWNS = {
    Linear: "linear",
    Cosine: "cosine",
    ExponentialCooldown: "exponential",
    Sqrt: "minus_sqrt",
}
"""`--lr-wsd-decay-style` by the curve that it gives."""


def drafts(schedule: Schedule) -> Iterator[Draft]:
    """Yield the schedule as flags."""
    whole = trapezoid(schedule, "megatron", "--lr-decay-style")
    if whole.steps == float("inf"):
        raise ScheduleError(
            f"megatron: `--train-iters` must be known, got {shown(schedule)}, which never ends; "
            "give it an end with .take(n)"
        )
    yield _draft(whole, _flags(whole))


def _flags(whole: Trapezoid) -> dict[str, Any]:
    """Return the flags by their names, without the dashes."""
    decay, steps = whole.decay, int(whole.steps)
    end = whole.warmup + int(whole.stable) + int(whole.decay_steps)
    flags = {
        "lr": whole.peak,
        "min-lr": whole.floor if decay is not None else min(whole.start, whole.peak),
        "lr-decay-style": "constant",
        "lr-decay-iters": max(steps, whole.warmup + 1) if decay is None else end,
        "lr-warmup-iters": whole.warmup,
        "lr-warmup-init": whole.start if whole.warmup else 0.0,
        "train-iters": steps,
    }
    if decay is None:
        return flags
    if isinstance(decay, InverseSqrt) and decay.timescale != whole.warmup:
        raise ScheduleError(
            "megatron: `--lr-warmup-iters` is the timescale of an inverse square root, here "
            f"{whole.warmup:,}: it cannot say {shown(decay)}; {INSTEAD}"
        )
    if not whole.stable and type(decay) in STYLES:
        return flags | {"lr-decay-style": STYLES[type(decay)]}
    if type(decay) in COOLDOWNS:
        return flags | {
            "lr-decay-style": "WSD",
            "lr-wsd-decay-style": COOLDOWNS[type(decay)],
            "lr-wsd-decay-iters": int(whole.decay_steps),
        }
    raise ScheduleError(
        f"megatron: `--lr-decay-style` cannot say the decay {shown(decay)}; {INSTEAD}"
    )


def _draft(whole: Trapezoid, flags: dict[str, Any]) -> Draft:
    curve = OptimizerParamScheduler(
        init_lr=flags["lr-warmup-init"],
        max_lr=flags["lr"],
        min_lr=flags["min-lr"],
        lr_warmup_steps=flags["lr-warmup-iters"],
        lr_decay_steps=flags["lr-decay-iters"],
        lr_decay_style=flags["lr-decay-style"],
        wsd_decay_steps=flags.get("lr-wsd-decay-iters"),
        lr_wsd_decay_style=flags.get("lr-wsd-decay-style"),
        of="lr",
    )
    return Draft(
        code="".join(f"--{name} {value}\n" for name, value in flags.items()),
        native=True,
        by="the formula of Megatron's OptimizerParamScheduler",
        rates=lambda steps: [curve(step) for step in steps],
        units="updates of one global batch size: with --rampup-batch-size Megatron counts samples, "
        "and these flags say something else",
    )
