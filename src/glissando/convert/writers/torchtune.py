"""torchtune: the keys of its recipes' YAML files."""

from collections.abc import Iterator
from typing import Any

from glissando.convert.certificate import Draft
from glissando.convert.given import Given
from glissando.convert.writers.shared.pieces import INSTEAD, Trapezoid, trapezoid
from glissando.convert.writers.shared.read_back import read_back
from glissando.convert.writers.shared.training_arguments import yaml_of
from glissando.errors import ScheduleError, shown
from glissando.families import Cosine
from glissando.schedule import Schedule

COSINE = "torchtune.training.lr_schedulers.get_cosine_schedule_with_warmup"


def drafts(schedule: Schedule) -> Iterator[Draft]:
    """Yield the schedule as keys of the file."""
    whole = trapezoid(schedule, "torchtune", "lr_scheduler._component_")
    settings: dict[str, Any] = {"optimizer": {"lr": whole.peak}}
    steps = int(whole.steps) if whole.steps < float("inf") else None
    if whole.decay is not None or whole.warmup:
        _held_to(whole)
        part = {"_component_": COSINE, "num_warmup_steps": whole.warmup}
        ended = (whole.steps - whole.warmup) / whole.decay.steps
        if ended != 1:  # the run is over before
            part["num_cycles"] = ended / 2
        settings["lr_scheduler"] = part
    if steps is not None:
        settings |= {"epochs": 1, "max_steps_per_epoch": steps}
    yield read_back(
        "torchtune",
        yaml_of(settings),
        ".yaml",
        Given(steps=steps),
        units="updates of the optimizer; an epoch must have `max_steps_per_epoch` or more",
    )


def _held_to(whole: Trapezoid) -> None:
    """Hold a schedule to a warm-up from 0 and a cosine to 0 that takes the rest of the run."""
    if whole.warmup and whole.start:
        raise ScheduleError(
            "torchtune: `lr_scheduler.num_warmup_steps` begin at 0: they cannot begin at "
            f"{whole.start!r}; {INSTEAD}"
        )
    if whole.stable or whole.rest or not isinstance(whole.decay, Cosine) or whole.floor:
        what = f"a plateau of {whole.stable:,.0f} updates" if whole.stable else _named(whole.decay)
        raise ScheduleError(
            "torchtune: `lr_scheduler._component_` is a cosine to 0 over the rest of the run: it "
            f"cannot say {what}; {INSTEAD}"
        )


def _named(decay: Schedule | None) -> str:
    return "that nothing falls" if decay is None else shown(decay)
