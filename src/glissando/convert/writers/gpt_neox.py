"""GPT-NeoX: the keys of its YAML files, whose first two updates have the same rate."""

import math
from collections.abc import Iterator
from typing import Any

from glissando.combinators import Clip
from glissando.convert.certificate import Draft
from glissando.convert.readers.gpt_neox import HALF
from glissando.convert.writers.shared.pieces import INSTEAD, Trapezoid, pieces, trapezoid
from glissando.convert.writers.shared.read_back import read_back
from glissando.convert.writers.shared.training_arguments import yaml_of
from glissando.errors import ScheduleError, shown
from glissando.families import Constant, Cosine, CosineWave, Exponential, Linear
from glissando.schedule import Schedule


def drafts(schedule: Schedule) -> Iterator[Draft]:
    """Yield the schedule as keys of the file."""
    found = pieces(schedule)
    first, rise = found[0], found[1].curve if len(found) > 1 else None
    twice = isinstance(rise, Linear) and isinstance(first.curve, Constant) and first.steps == 1
    twice = twice and isinstance(rise, Linear) and rise.end > rise.start == first.start
    whole = trapezoid(schedule, "gpt-neox", "lr_decay_style", found[1:] if twice else found)
    warmup = whole.warmup + 1 if twice and whole.warmup else 0
    if whole.warmup and not (warmup and math.isclose(whole.start * warmup, whole.peak)):
        raise ScheduleError(
            f"gpt-neox: `warmup` begins at lr / {warmup or whole.warmup + 1} in the first two "
            f"updates: it cannot say {shown(schedule)}; {INSTEAD}"
        )
    style, floor, length = _fall(whole)
    if not length:
        length = max(1, int(min(whole.steps, 2**53)) - warmup) if whole.steps < math.inf else 1
    settings: dict[str, Any] = {
        "optimizer": {"type": "Adam", "params": {"lr": whole.peak}},
        "min_lr": floor,
        "lr_decay_style": style,
        "lr_decay_iters": warmup + length,
        "warmup": warmup / (warmup + length),
    }
    if whole.steps < math.inf:
        settings["train_iters"] = int(whole.steps)
    yield read_back(
        "gpt-neox",
        yaml_of(settings),
        ".yml",
        rounding=f"`warmup` is {warmup:,} updates as a fraction of `lr_decay_iters`",
        units="updates; since April 2026, before which the first update has the rate 0",
    )


def _fall(whole: Trapezoid) -> tuple[str, float, int]:
    """Return the style of the decay, its floor and its length; 0 for one that never ends."""
    if whole.stable and whole.decay is not None:
        raise ScheduleError(
            "gpt-neox: `lr_decay_style` has no plateau, here of "
            f"{whole.stable:,.0f} updates; {INSTEAD}"
        )
    decay, floor = whole.decay, 0.0
    if isinstance(decay, Clip) and decay.ceiling == math.inf:
        floor, decay = decay.floor, decay.schedule
    if decay is None:
        return "constant", 0.0, 0
    if isinstance(decay, Linear) and decay.end == 0:
        return "linear", floor, int(decay.steps)
    if isinstance(decay, Cosine) and not whole.rest:
        return "cosine", decay.end, int(decay.steps)
    if isinstance(decay, CosineWave) and decay.period % 2 == 0 and not whole.rest:
        return "cosine", decay.end, int(decay.period / 2)
    if isinstance(decay, Exponential) and 0 < decay.rate < HALF:
        length = round(HALF / decay.rate)
        if math.isclose(HALF / length, decay.rate, rel_tol=1e-14):
            return "exponential", floor, length
    raise ScheduleError(
        "gpt-neox: `lr_decay_style` is a line to 0, a cosine that ends with the run, or an "
        f"exponential: it cannot say {shown(decay)}; {INSTEAD}"
    )
