"""NeMo 1: the YAML files of its models."""

from collections.abc import Mapping
from inspect import signature

from glissando.convert.document import Document
from glissando.convert.given import Given
from glissando.convert.keys import Keys
from glissando.convert.registry import reader
from glissando.dialects import nemo, torch
from glissando.families import Constant
from glissando.schedule import Schedule

KNOWN = {name: made for name, made in vars(nemo).items() if hasattr(made, "__wrapped__")}
"""The schedulers by their names."""

BY_EPOCHS = {"ExponentialLR": True, "StepLR": False}
"""Schedulers of PyTorch, and whether they are stepped after every epoch."""


def _optimizer(document: Document) -> Keys:
    keys = Keys("nemo", document.data)
    model = document.data.get("model")
    return keys.within("model", "optim") if isinstance(model, Mapping) else keys.section("optim")


def _knows(document: Document) -> float:
    part = document.data.get("model")
    part = part if isinstance(part, Mapping) else document.data
    optimizer = part.get("optim")
    if not isinstance(optimizer, Mapping) or "sched" not in optimizer:
        return 0.0
    return 0.9 if isinstance(document.data.get("trainer"), Mapping) else 0.6


@reader("nemo", _knows)
def read(document: Document, given: Given) -> Schedule:
    """Return the rate of each update."""
    optimizer = _optimizer(document)
    rate, part = optimizer.number("lr"), optimizer.section("sched")
    if not part.data:
        return Constant(rate)
    name = part.one_of("name", {*KNOWN, *BY_EPOCHS})
    trainer = Keys("nemo", document.data).section("trainer").optional_whole("max_steps")
    if part.optional_whole("max_steps") == -1 and (trainer is None or trainer < 0):
        return Constant(rate)  # NeMo makes no scheduler
    if part.get("args") is not None:  # as NeMo 0 had it
        part = part.within("args", "params")
    if name in BY_EPOCHS:
        return _of_torch(name, part, rate, given)
    function = KNOWN[name]
    takes = signature(function).parameters
    needed = [k for k in takes if takes[k].default is takes[k].empty and k not in BESIDE]
    for name in needed:
        part.number(name)
    arguments = {k: part.optional(k) for k in part.data if k in takes and k not in NOT_NUMBERS}
    arguments = {k: v for k, v in arguments.items() if v is not None and k != "max_steps"}
    counted = takes["max_steps"].default is takes["max_steps"].empty or "warmup_ratio" in arguments
    steps = _length(Keys("nemo", document.data), part, given, counted)
    schedule: Schedule = function(max_steps=steps, lr=rate, **arguments)
    return schedule


def _of_torch(name: str, part: Keys, rate: float, given: Given) -> Schedule:
    """Return a scheduler of PyTorch's own, which is stepped after every epoch or update."""
    if not BY_EPOCHS[name]:
        return torch.StepLR(part.count("step_size"), part.number("gamma", 0.1), lr=rate)
    given.need("nemo", "steps_per_epoch")
    gamma = part.optional("lr_decay")  # as VITS has it
    schedule: Schedule = torch.ExponentialLR(part.number("gamma", gamma), lr=rate)
    return schedule.hold_each(int(given.steps_per_epoch or 0))


NOT_NUMBERS = ("cycle", "lr")
BESIDE = ("max_steps", "lr")
"""The arguments that are not in the scheduler's part."""


def _length(keys: Keys, part: Keys, given: Given, needed: bool) -> int | None:
    """Return the updates: the trainer's come first, then the scheduler's, then those of epochs."""
    trainer = keys.section("trainer")
    steps = trainer.optional_whole("max_steps")
    if steps is None or steps < 0:
        steps = part.optional_whole("max_steps")
    if steps is not None and steps >= 0:
        return steps
    epochs = trainer.optional_whole("max_epochs")
    if given.steps is not None or not needed:
        return given.steps
    if epochs is None or epochs < 0:
        given.need("nemo", "steps")
    given.need("nemo", "steps_per_epoch")
    return int(epochs or 0) * int(given.steps_per_epoch or 0)
