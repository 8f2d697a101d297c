"""The presets of the graphical interface to Kohya's scripts, which makes their flags of them."""

from collections.abc import Mapping
from typing import Any

from glissando.convert.given import Given
from glissando.convert.shared.fields import Fields
from glissando.errors import ScheduleError

WITHOUT = ("learning_rate", "unet_lr", "text_encoder_lr")
"""The rates for which 0 means that there is none."""


def of_gui(preset: Mapping[str, Any], given: Given) -> dict[str, Any]:
    """Return the arguments that the interface makes of a preset: its "" stands for nothing.

    How many updates the run makes is counted by it, from its folders of images; a warm-up in
    percent of them has been rounded by some of its versions and cut by others.
    """
    data = {name: value for name, value in preset.items() if value not in ("", None)}
    data = {name: value for name, value in data.items() if value != 0 or name not in WITHOUT}
    if "optimizer" in data:
        data.setdefault("optimizer_type", data["optimizer"])
    percent = Fields("kohya", data).number("lr_warmup", 0.0)
    fields = Fields("kohya", data)
    if not fields.number("lr_warmup_steps", 0.0) and percent:
        given.need("kohya", "steps")
        steps = percent * (given.steps or 0) / 100
        if steps != int(steps) or (given.world_size or 1) > 1:
            raise ScheduleError(
                f"kohya: `lr_warmup` of {percent:g} % is {steps:g} updates, which its versions do "
                "not round alike, nor count alike in several processes: write `lr_warmup_steps` in"
            )
        data["lr_warmup_steps"] = int(steps)
    for name in ("max_train_steps", "max_train_epochs"):
        if not fields.number(name, 0.0):
            data.pop(name, None)
    if "max_train_epochs" not in data and "max_train_steps" not in data:
        given.need("kohya", "steps")
    return data
