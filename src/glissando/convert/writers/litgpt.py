"""LitGPT: the keys of its finetuning's YAML files."""

from collections.abc import Iterator
from typing import Any

from glissando.convert.certificate import Draft
from glissando.convert.given import Given
from glissando.convert.writers.shared.pieces import INSTEAD, trapezoid
from glissando.convert.writers.shared.read_back import read_back
from glissando.errors import ScheduleError, shown
from glissando.families import Cosine
from glissando.schedule import Schedule
from glissando.text.formats import YAML


def drafts(schedule: Schedule) -> Iterator[Draft]:
    """Yield the schedule as keys of the file."""
    whole = trapezoid(schedule, "litgpt", "train.lr_warmup_steps")
    if not whole.warmup or whole.start:
        raise ScheduleError(
            "litgpt: `train.lr_warmup_steps` must be 1 or more, since LitGPT divides by it, and "
            f"begin at 0: it cannot say {shown(schedule)}; {INSTEAD}"
        )
    if whole.stable or not isinstance(whole.decay, Cosine) or whole.rest:
        what = f"a plateau of {whole.stable:,.0f} updates" if whole.stable else _named(whole.decay)
        raise ScheduleError(
            "litgpt: `train.max_steps` is the end of a cosine after the warm-up: it cannot say "
            f"{what}; {INSTEAD}"
        )
    if whole.warmup + whole.decay.steps != whole.steps:
        raise ScheduleError(
            f"litgpt: `train.max_steps` is {whole.steps:,.0f}, where the cosine ends: it cannot "
            f"be {whole.decay.steps:,.0f} updates long after the warm-up; {INSTEAD}"
        )
    if whole.floor:
        raise ScheduleError(
            f"litgpt: `train.min_lr` has no effect in finetuning, and pretraining counts "
            f"micro-batches: it cannot say the floor {whole.floor!r}; {INSTEAD}"
        )
    steps = int(whole.steps)
    settings: dict[str, Any] = {
        "optimizer": {"class_path": "torch.optim.AdamW", "init_args": {"lr": whole.peak}},
        "train": {"lr_warmup_steps": whole.warmup, "epochs": 1, "max_steps": steps},
    }
    yield read_back(
        "litgpt",
        YAML.write(settings),
        ".yaml",
        Given(steps=steps),
        units="updates of finetuning; the epochs must have `max_steps` of them or more",
    )


def _named(decay: Schedule | None) -> str:
    return "that nothing falls" if decay is None else shown(decay)
