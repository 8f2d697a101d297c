"""Diffusers: the flags of its training scripts."""

from collections.abc import Mapping
from math import ceil
from typing import Any

from glissando.convert.document import Document
from glissando.convert.given import Given
from glissando.convert.registry import reader
from glissando.convert.shared import hugging_face
from glissando.convert.shared.calls import only_section, sections
from glissando.convert.shared.fields import Fields
from glissando.dialects.shared.curves import by_updates
from glissando.errors import ScheduleError, one_of
from glissando.schedule import Schedule

OWN = (
    "instance_prompt", "validation_prompt", "instance_data_dir", "scale_lr", "lr_num_cycles",
    "lr_power", "num_validation_images", "placeholder_token", "conditioning_image_column",
    "pretrained_vae_model_name_or_path", "train_data_dir", "dataset_name", "checkpointing_steps",
)  # fmt: skip
KOHYA = (
    "network_module", "network_dim", "unet_lr", "dataset_config", "save_model_as", "enable_bucket",
    "caption_extension", "optimizer_type",
)  # fmt: skip
"""What Kohya's scripts alone have."""

ALONE = ("instance_prompt", "instance_data_dir", "dataset_name")
"""What Kohya's scripts do not have."""

PROCESSES = (0, 19)
"""Since when warm-up and length are multiplied by the number of processes."""

TYPES = (
    "linear", "cosine", "cosine_with_restarts", "polynomial", "constant", "constant_with_warmup",
)  # fmt: skip


def _like(data: Mapping[str, Any]) -> bool:
    """Return whether a mapping has the arguments of a script of Diffusers."""
    model = data.get("pretrained_model_name_or_path") is not None
    own = hugging_face.of_type(data, *OWN)
    if hugging_face.of_type(data, *KOHYA):
        return False
    cached = data.get("cache_latents") is not None and not hugging_face.of_type(data, *ALONE)
    return model and own >= 1 and not cached


def _knows(document: Document) -> float:
    return 0.85 if any(map(_like, sections(document))) else 0.0


@reader("diffusers", _knows)
def read(document: Document, given: Given) -> Schedule:
    """Return the rate that a script of Diffusers uses.

    It multiplies warm-up and length by the number of processes, as Accelerate advances the schedule
    once for each of them: so that the number does not matter. Before 0.19 it multiplied them by the
    batches of an update instead, which nothing takes back.
    """
    fields = Fields("diffusers", only_section(document, _like) or document.flags or document.data)
    hugging_face.one_rate("diffusers", given)
    kind = fields.text("lr_scheduler", "constant")
    if kind == "piecewise_constant":
        raise ScheduleError("diffusers: `lr_scheduler` piecewise_constant has its steps in code")
    one_of(kind, TYPES, "diffusers: `lr_scheduler`")
    lr = fields.number("learning_rate") * _scale(fields, given)
    warmup = fields.whole("lr_warmup_steps", 500)
    length = None if kind in hugging_face.NO_LENGTH else _updates(fields, given)
    options: dict[str, Any] = {}
    if kind == "cosine_with_restarts":
        options = {"num_cycles": fields.whole("lr_num_cycles", 1)}
    elif kind == "polynomial":
        options = {"power": fields.number("lr_power", 1.0)}
    version = given.version()
    if version is None or version >= PROCESSES or kind == "constant":
        return hugging_face.by_type("diffusers", kind, warmup, length, options, lr)
    given.need("diffusers", "world_size")
    every = given.accumulation or fields.count("gradient_accumulation_steps", 1)
    longer = None if length is None else length * every
    curve = hugging_face.by_type("diffusers", kind, warmup * every, longer, options, lr)
    return by_updates(curve, given.world_size or 1)


def _scale(fields: Fields, given: Given) -> int:
    """Return what the rate is multiplied by: the samples of an update, if a flag says so."""
    if not fields.has("scale_lr") or not fields.flag("scale_lr"):
        return 1
    given.need("diffusers", "world_size")
    size = given.batch_size or fields.count("train_batch_size")
    every = given.accumulation or fields.count("gradient_accumulation_steps", 1)
    return size * every * (given.world_size or 1)


def _updates(fields: Fields, given: Given) -> int:
    if given.steps is not None:
        return given.steps
    if fields.has("max_train_steps"):
        return fields.whole("max_train_steps")
    epochs = fields.whole("num_train_epochs")
    if given.steps_per_epoch is not None:
        return epochs * given.steps_per_epoch
    given.need("diffusers", "samples", "world_size")
    assert given.samples is not None
    assert given.world_size is not None
    size = given.batch_size or fields.count("train_batch_size")
    every = given.accumulation or fields.count("gradient_accumulation_steps", 1)
    batches = ceil(ceil(given.samples / size) / given.world_size)
    return epochs * ceil(batches / every)
