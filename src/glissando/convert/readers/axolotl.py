"""Axolotl: its own names for the Trainer's arguments, and schedules of its own."""

from collections.abc import Mapping
from math import ceil
from typing import Any

from glissando.convert.document import Document
from glissando.convert.given import Given
from glissando.convert.registry import reader
from glissando.convert.shared import hugging_face
from glissando.convert.shared.curves import ended, rex
from glissando.convert.shared.fields import Fields
from glissando.dialects import torch, transformers
from glissando.dialects.shared.curves import later
from glissando.dialects.shared.hyperparameters import rate_of
from glissando.errors import ScheduleError, shown
from glissando.families import Constant, Cosine, Linear, Polynomial
from glissando.schedule import Schedule

OWN = ("micro_batch_size", "sequence_len", "datasets", "adapter", "lr_scheduler", "num_epochs")

KEYS = (
    "learning_rate", "lr_scheduler", "lr_scheduler_kwargs", "warmup_steps", "warmup_ratio",
    "max_steps", "num_epochs", "cosine_min_lr_ratio", "cosine_constant_lr_ratio",
    "micro_batch_size", "gradient_accumulation_steps",
)  # fmt: skip
"""What a part of a file may have that holds a schedule alone."""


def _configuration(document: Document) -> Mapping[str, Any]:
    """Return the file's keys; in a model card those that axolotl wrote into it."""
    inside = document.data.get("axolotl")
    return inside if isinstance(inside, Mapping) else document.data


def _knows(document: Document) -> float:
    if isinstance(document.data.get("axolotl"), Mapping):
        return 0.95
    if document.path.suffix.lower() == ".md":  # whose front matter names models and data as well
        return 0.0
    if not isinstance(document.data.get("base_model"), str):
        part = "lr_scheduler" in document.data and set(document.data) <= set(KEYS)
        return 0.5 if part and "learning_rate" in document.data else 0.0
    return 0.95 if hugging_face.of_type(document.data, *OWN) >= 1 else 0.0


@reader("axolotl", _knows)
def read(document: Document, given: Given) -> Schedule:
    """Return the rate that Axolotl's trainer uses."""
    fields = Fields("axolotl", _configuration(document))
    total = hugging_face.card(document).get("training_steps")
    if given.steps is None and isinstance(total, int):
        given = given._replace(steps=total)
    if _or(fields, "relora_steps", 0):
        raise fields.refuse(
            "relora_steps",
            "axolotl before 0.12 restarted in another way, and later asks for "
            "`jagged_restart_steps`",
        )
    kind = fields.text("lr_scheduler", "cosine")
    lr = _peak(fields, given, kind)
    run = _Run(fields, given)
    engine = hugging_face.engine_of(fields, document.path.parent)
    if engine is not None:  # whose scheduler takes the place of all others
        own = {"learning_rate": lr, "warmup_steps": run.warmup(), "max_steps": run.length()}
        return hugging_face.read("axolotl", own | {"deepspeed": engine}, given)
    restarts = _or(fields, "jagged_restart_steps", 0)
    if kind == "constant" and not restarts:
        return Constant(lr)
    warmup = run.warmup()
    curve = _own(fields, kind, warmup, run, lr)
    if curve is not None:
        curve = ended(curve, run.length())
    else:
        options = hugging_face.scheduler_arguments(fields)
        length = None if kind in hugging_face.NO_LENGTH else run.length()
        curve = hugging_face.by_type("axolotl", kind, warmup, length, options, lr)
    # rex and restarts begin at step 1 each
    return _jagged(fields, curve, 2 if kind == "rex" else 1) if restarts else curve


def _peak(fields: Fields, given: Given, kind: str) -> float:
    """Return the peak of the group that is asked for, by default that of all without their own."""
    lr = fields.number("learning_rate")
    if given.group is None:
        return lr
    listed = fields.get("lr_groups")
    parts = (
        [part for part in listed if isinstance(part, Mapping)] if isinstance(listed, list) else []
    )
    rates = {part.get("name"): Fields("axolotl", part, "lr_groups.").number("lr") for part in parts}
    if fields.number("embedding_lr_scale", 0.0):
        rates["embeddings"] = lr * fields.number("embedding_lr_scale")
    elif fields.number("embedding_lr", 0.0):
        rates["embeddings"] = fields.number("embedding_lr")
    if not rates:
        hugging_face.one_rate("axolotl", given)
    if given.group not in rates:
        known = ", ".join(map(str, rates))
        raise ScheduleError(f"axolotl: `group` must be one of {known}, got {shown(given.group)}")
    if kind == "rex":
        raise ScheduleError(
            "axolotl: `lr_groups` under rex end at the floor of all others: not read"
        )
    return lr if kind == "one_cycle" else rates[given.group]  # which has one peak for all


def _own(fields: Fields, kind: str, warmup: int, run: "_Run", lr: float) -> Schedule | None:
    """Return a schedule that Transformers does not have, if it is one."""
    floor = fields.fraction("cosine_min_lr_ratio")
    if kind == "one_cycle":
        options: dict[str, Any] = {"pct_start": warmup / run.length(), "anneal_strategy": "cos"}
        options |= hugging_face.scheduler_arguments(fields)
        return rate_of(torch.OneCycleLR(max_lr=lr, total_steps=run.length(), **options))
    if kind == "rex":
        fall = rex(lr, lr * floor, run.length() - warmup)
        return later(Linear(0.0, lr, warmup) >> fall, 1)  # it is one update early
    if kind != "cosine":
        return None
    if fields.flag("lr_quadratic_warmup"):
        wave = transformers.get_cosine_schedule_with_warmup(0, max(1, run.length() - warmup), lr=lr)
        return Polynomial(lr, 0.0, warmup, 2.0).reverse() >> wave if warmup else wave
    until = fields.fraction("cosine_constant_lr_ratio")
    if floor and until:
        end = int(run.length() * until)
        if end < warmup:
            raise ScheduleError(
                "axolotl: `cosine_constant_lr_ratio` must end the cosine after the warm-up, got "
                f"update {end} and a warm-up of {warmup}"
            )
        return Linear(0.0, lr, warmup) >> Cosine(lr, lr * floor, max(1, end - warmup))
    if floor:
        return transformers.get_cosine_with_min_lr_schedule_with_warmup(
            warmup, run.length(), min_lr_rate=floor, lr=lr
        )
    return None


def _or(fields: Fields, name: str, default: int) -> int:
    """Return a whole number; 0 and false are as good as missing."""
    return default if fields.get(name) is False else fields.whole(name, 0) or default


def _jagged(fields: Fields, curve: Schedule, early: int) -> Schedule:
    """Return a schedule that is warmed up again each so many updates.

    Args:
        fields: the file's keys.
        curve: the schedule, which becomes one update early.
        early: how many updates early the restarts are.
    """
    every = _or(fields, "jagged_restart_steps", 0)
    rise = _or(fields, "jagged_restart_warmup_steps", 10)
    fall = _or(fields, "jagged_restart_anneal_steps", 1)
    low = fields.fraction("cosine_min_lr_ratio") or 0.001
    if rise + fall > every:
        raise ScheduleError(
            f"axolotl: `jagged_restart_steps` must be its warm-up and annealing or more, got "
            f"{every} for {rise} and {fall}"
        )
    down = Linear(1.0, low, fall)
    period = Linear(low, 1.0, rise) >> Constant(1.0, every - fall - rise) >> down
    restarts = Constant(1.0, every - fall) >> down >> period.repeat()
    return later(curve * later(restarts, early - 1), 1)


class _Run:
    """How many updates a run makes, counted when it is asked for."""

    def __init__(self, fields: Fields, given: Given) -> None:
        self.fields = fields
        self.given = given

    def length(self) -> int:
        """Return the run's updates, which end its schedule."""
        fields, given = self.fields, self.given
        if given.steps is not None:
            return given.steps
        if fields.whole("max_steps", 0):
            return fields.whole("max_steps")
        return self._counted()

    def _counted(self) -> int:
        """Return the updates that Axolotl counts before it trains; an epoch may end within one."""
        fields, given = self.fields, self.given
        epochs = fields.number("num_epochs", 1.0)
        if given.steps_per_epoch is not None:
            return ceil(epochs * given.steps_per_epoch)
        if fields.flag("sample_packing"):
            raise ScheduleError(
                "axolotl: with `sample_packing` the file does not say how many updates the run "
                "makes: give `steps` (--steps)"
            )
        given.need("axolotl", "samples", "world_size")
        assert given.samples is not None
        assert given.world_size is not None
        size = given.batch_size or fields.count("micro_batch_size", 1)
        every = given.accumulation or fields.count("gradient_accumulation_steps", 1)
        if fields.has("batch_size"):  # of a process, over its accumulation
            of_process = fields.count("batch_size")
            return ceil(given.samples * epochs / (of_process * given.world_size))
        return ceil(given.samples * epochs / (size * every * given.world_size))

    def warmup(self) -> int:
        """Return the warm-up's updates: a ratio is rounded down, and 1 is 2."""
        fields = self.fields
        if fields.has("warmup_steps"):
            given = fields.number("warmup_steps")
            if 0 < given < 1:  # which Transformers takes for a fraction, and rounds up
                return ceil(given * self.length())
            steps = fields.whole("warmup_steps")
        elif fields.has("warmup_ratio"):
            steps = int(fields.fraction("warmup_ratio") * self._before())
        else:
            steps = min(int(0.03 * self._before()), 100)
        return 2 if steps == 1 else steps

    def _before(self) -> int:
        """Return the updates of which a ratio is taken: `max_steps` only if the data have more."""
        given = self.given
        most = self.fields.whole("max_steps", 0)
        known = given.samples is not None and given.world_size is not None
        if most and given.steps is None and known and not self.fields.flag("sample_packing"):
            return min(most, self._counted())
        return self.length()
