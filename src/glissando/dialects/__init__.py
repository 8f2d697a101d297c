"""Other frameworks' schedules by their own names, as schedules of this library.

Each module speaks one framework's dialect: a function for each schedule that the framework ships,
with its name, parameters and defaults, returns the schedule whose curve is that framework's, with
its off-by-one, its side of a milestone and its behavior past the end. What the framework takes
from the optimizer or the trainer is an argument: `lr`, `steps`, `steps_per_epoch`. The framework
itself need not be installed; `docs/parity.md` holds what was compared with which version.

To add one, write a file here, and import it below, so that type checkers know it.
"""

from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Any

from glissando.dialects.shared.declare import NotRepresentable as NotRepresentable
from glissando.dialects.shared.directory import missing

if TYPE_CHECKING:
    from glissando.dialects import composer as composer
    from glissando.dialects import fastai as fastai
    from glissando.dialects import fvcore as fvcore
    from glissando.dialects import ignite as ignite
    from glissando.dialects import keras as keras
    from glissando.dialects import lrsched as lrsched
    from glissando.dialects import megatron as megatron
    from glissando.dialects import mmengine as mmengine
    from glissando.dialects import nemo as nemo
    from glissando.dialects import optax as optax
    from glissando.dialects import paddle as paddle
    from glissando.dialects import pytorch_optimizer as pytorch_optimizer
    from glissando.dialects import pytorch_scheduler as pytorch_scheduler
    from glissando.dialects import timm as timm
    from glissando.dialects import torch as torch
    from glissando.dialects import torch_schedule_anything as torch_schedule_anything
    from glissando.dialects import torchtitan as torchtitan
    from glissando.dialects import transformers as transformers
    from glissando.dialects import ultralytics as ultralytics

PEERS = tuple(module.name for module in iter_modules(__path__) if not module.ispkg)
"""The frameworks whose dialects there are: each is a plain file in this folder."""

if not TYPE_CHECKING:  # a type checker is to report names that are not there

    def __getattr__(name: str) -> Any:
        if name not in PEERS:
            raise missing(__name__, name)
        return import_module(f"glissando.dialects.{name}")


def __dir__() -> list[str]:
    return sorted([*PEERS, "NotRepresentable", "PEERS"])
