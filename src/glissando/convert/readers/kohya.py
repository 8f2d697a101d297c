"""Kohya's sd-scripts: their flags, and the TOML that holds them."""

import ast
from collections.abc import Mapping
from typing import Any

from glissando.convert.document import Document
from glissando.convert.given import Given
from glissando.convert.registry import reader
from glissando.convert.shared import hugging_face
from glissando.convert.shared.fields import Fields
from glissando.convert.shared.kohya_gui import of_gui
from glissando.dialects import torch
from glissando.dialects.shared.curves import by_updates
from glissando.errors import ScheduleError, one_of, shown
from glissando.families import Constant
from glissando.schedule import Schedule

OWN = (
    "network_module", "network_dim", "unet_lr", "text_encoder_lr", "dataset_config",
    "save_model_as", "cache_latents", "optimizer_type", "mixed_precision",
    "lr_scheduler_num_cycles",
)  # fmt: skip
OF_DIFFUSERS = ("instance_prompt", "instance_data_dir", "dataset_name")
"""What the scripts of Diffusers alone have."""

NO_WARMUP = ("constant",)
WHOLE = {
    "learning_rate_te": "text_encoder",
    "learning_rate_te1": "text_encoder1",
    "learning_rate_te2": "text_encoder2",
    "learning_rate_te3": "text_encoder3",
}
"""The rates of text encoders that are trained whole, and not by a network."""

ONLY = {"network_train_unet_only": "unet", "network_train_text_encoder_only": "text_encoder"}
OF_TORCH = (
    "StepLR", "MultiStepLR", "ConstantLR", "LinearLR", "ExponentialLR", "PolynomialLR",
    "CosineAnnealingLR", "CosineAnnealingWarmRestarts",
)  # fmt: skip
"""The classes of PyTorch that `lr_scheduler_type` may name and `lr_scheduler_args` say whole."""

TYPES = (
    "linear", "cosine", "cosine_with_restarts", "polynomial", "constant", "constant_with_warmup",
    "inverse_sqrt", "cosine_with_min_lr", "warmup_stable_decay",
)  # fmt: skip


def _arguments(document: Document) -> dict[str, Any] | None:
    """Return the arguments of a file, whose sections are there for its readers alone, or flags."""
    data = dict(document.data)
    for value in document.data.values():
        if isinstance(value, Mapping) and "!tag" not in value:
            data |= value
    for found in (data, dict(document.flags)):
        if hugging_face.of_type(found, *OWN) >= 2 and not found.get("base_model"):
            return found
    return None


def _knows(document: Document) -> float:
    if {"lr_warmup", "lr_scheduler", "learning_rate"} <= set(document.data):
        return 0.85  # a preset of the interface
    found = _arguments(document) or {}
    own = hugging_face.of_type(found, *OWN[:7])
    return 0.85 if own and not hugging_face.of_type(found, *OF_DIFFUSERS) else 0.0


@reader("kohya", _knows)
def read(document: Document, given: Given) -> Schedule:
    """Return the rate that one of Kohya's scripts uses.

    Accelerate advances the schedule once for each process; the script multiplies its length by
    their number, and fractions, but no warm-up that is given in steps.
    """
    data = _arguments(document) or dict(document.flags or document.data)
    if "lr_warmup" in data:
        data = of_gui(data, given)
    fields = Fields("kohya", data)
    lr = _rate(fields, given)
    optimizer = fields.text("optimizer_type", "").lower()
    if optimizer.endswith("schedulefree"):
        return Constant(lr)
    if optimizer == "adafactor" and _listed(fields, "optimizer_args").get("relative_step", True):
        raise ScheduleError(
            "kohya: `optimizer_type` Adafactor makes its own rate of each update unless "
            "`optimizer_args` has relative_step=False"
        )
    processes, every = 1, ("lr_warmup_steps", "lr_decay_steps")
    if fields.has("lr_scheduler_type") and fields.text("lr_scheduler_type"):
        return _of_torch(fields, given, lr)
    kind = fields.text("lr_scheduler", "constant")
    one_of(kind, TYPES, "kohya: `lr_scheduler`")
    if kind == "inverse_sqrt" or any(_steps(fields, name) for name in every):
        given.need("kohya", "world_size")
        processes = given.world_size or 1
    bounded = kind not in hugging_face.NO_LENGTH
    fraction = any(isinstance(_steps(fields, name), float) for name in every)
    length = _updates(fields, given) * processes if bounded or fraction else None
    warmup, decay = (_counted(fields, name, length) for name in every)
    if kind in NO_WARMUP and warmup:
        raise ScheduleError(f"kohya: `lr_warmup_steps` must be 0 for {kind}, got {warmup}")
    options = _options(fields, kind) | _listed(fields, "lr_scheduler_args")
    if kind == "warmup_stable_decay":
        assert length is not None
        options |= {"num_decay_steps": decay, "num_stable_steps": length - warmup - decay}
    curve = hugging_face.by_type("kohya", kind, warmup, length, options, lr)
    return by_updates(curve, processes)


def _of_torch(fields: Fields, given: Given, lr: float) -> Schedule:
    """Return the schedule of a class of PyTorch, which is stepped once for each process."""
    name = fields.text("lr_scheduler_type").removeprefix("torch.optim.lr_scheduler.")
    one_of(name, OF_TORCH, "kohya: `lr_scheduler_type`")
    if _steps(fields, "lr_warmup_steps"):
        raise fields.refuse("lr_warmup_steps", f"it must be 0 for {name}")
    given.need("kohya", "world_size")
    options = _listed(fields, "lr_scheduler_args")
    try:
        curve: Schedule = getattr(torch, name)(**options, lr=lr)
    except TypeError as error:
        raise ScheduleError(f"kohya: `lr_scheduler_args`: {error}") from None
    return by_updates(curve, given.world_size or 1)


def _rate(fields: Fields, given: Given) -> float:
    """Return the rate of the group: those of a network may have rates of their own."""
    plain = fields.number("learning_rate", 2e-6)
    rates: dict[str, float] = {}
    if fields.has("unet_lr"):
        rates["unet"] = fields.number("unet_lr", plain)
    encoders = _several(fields, "text_encoder_lr")
    if len(set(encoders)) == 1:
        rates["text_encoder"] = encoders[0]
    else:
        rates |= {f"text_encoder{i}": rate for i, rate in enumerate(encoders, 1)}
    if not fields.has("network_dim"):  # a network leaves these out
        own = {group: fields.number(name, 0.0) for name, group in WHOLE.items()}
        own = {group: rate for group, rate in own.items() if rate}  # 0 is not trained
        rates |= own and {"unet": plain, **own}
    known = ("unet", *rates) if len(rates) > 1 else ("unet", "text_encoder")
    trained = [group for name, group in ONLY.items() if fields.data.get(name) not in (None, False)]
    group = trained[0] if given.group is None and len(trained) == 1 else given.group
    if group in rates:
        return rates[str(group)]
    if group is not None and group not in (*known, "text_encoder"):
        listed = " or ".join(dict.fromkeys(known))
        raise ScheduleError(f"kohya: `group` must be {listed}, got {shown(group)}")
    if group is None and len({plain, *rates.values()}) > 1 and not _all_equal(rates):
        raise ScheduleError(
            "kohya: the groups have rates of their own: give `group` (--group) as "
            + " or ".join(dict.fromkeys(known))
        )
    return float(next(iter(rates.values()), plain) if _all_equal(rates) else plain)


def _several(fields: Fields, name: str) -> list[float]:
    """Return the rates of text encoders: one, or one of each."""
    value = fields.get(name)
    return Fields("kohya", {name: value.split() if isinstance(value, str) else value}).numbers(name)


def _all_equal(rates: Mapping[str, float]) -> bool:
    return {"unet", "text_encoder"} <= set(rates) and len(set(rates.values())) == 1


def _steps(fields: Fields, name: str) -> int | float:
    """Return a number of steps, or a fraction of the run: a float is one, and a text below 1."""
    found = fields.get(name)
    if isinstance(found, str) and found.strip().endswith("%"):
        return float(Fields("kohya", {name: found.strip()[:-1]}).number(name)) / 100
    number = fields.number(name, 0)
    if isinstance(found, str):
        return number if number < 1 and number else int(number)
    return number if isinstance(found, float) else int(number)


def _counted(fields: Fields, name: str, length: int | None) -> int:
    steps = _steps(fields, name)
    if isinstance(steps, float) and steps > 1:
        raise ScheduleError(
            f"kohya: `{name}` with a point in it is a fraction of the run, from 0 to 1, got {steps}"
        )
    return int(steps * (length or 0)) if isinstance(steps, float) else steps


def _updates(fields: Fields, given: Given) -> int:
    """Return how many updates the run makes."""
    if given.steps is not None:
        return given.steps
    if fields.has("max_train_epochs"):
        if given.steps_per_epoch is None:
            raise ScheduleError(
                "kohya: the file says `max_train_epochs`, and not how many updates an epoch has: "
                "give `steps_per_epoch` (--steps-per-epoch), or `steps` (--steps)"
            )
        return fields.whole("max_train_epochs") * given.steps_per_epoch
    return fields.whole("max_train_steps", 1600)


def _options(fields: Fields, kind: str) -> dict[str, Any]:
    """Return the arguments that a type takes of the flags."""
    cycles = fields.whole("lr_scheduler_num_cycles", 1)
    low = fields.optional("lr_scheduler_min_lr_ratio")
    options: dict[str, dict[str, Any]] = {
        "inverse_sqrt": {"timescale": fields.optional_whole("lr_scheduler_timescale")},
        "cosine_with_restarts": {"num_cycles": cycles},
        "polynomial": {"power": fields.number("lr_scheduler_power", 1.0)},
        "cosine_with_min_lr": {"num_cycles": cycles / 2, "min_lr_rate": low},
        "warmup_stable_decay": {"num_cycles": cycles / 2, "min_lr_ratio": low or 0.0},
    }
    return options.get(kind, {})


def _listed(fields: Fields, listed: str) -> dict[str, Any]:
    """Return what a list of arguments has, as name=value."""
    found = fields.get(listed) or []
    options: dict[str, Any] = {}
    if not isinstance(found, str | list):
        raise fields.refuse(listed, "it must be a list of name=value")
    for pair in found.split() if isinstance(found, str) else found:
        name, equals, value = str(pair).partition("=")
        try:
            options[name] = ast.literal_eval(value)
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            equals = ""
        if not equals:
            raise ScheduleError(
                f"kohya: `{listed}` must be name=value, a literal, got {shown(pair)}"
            )
    return options
