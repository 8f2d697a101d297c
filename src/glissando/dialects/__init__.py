"""Other frameworks' schedules by their own names, as schedules of this library.

Each module speaks one framework's dialect: a function for each schedule that the framework ships,
with its name, parameters and defaults, returns the schedule whose curve is that framework's, with
its off-by-one, its side of a milestone and its behavior past the end. What the framework takes
from the optimizer or the trainer is an argument: `lr`, `steps`, `steps_per_epoch`. The framework
itself need not be installed; `docs/parity.md` holds what was compared with which version.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from glissando.dialects.dialect import NotRepresentable as NotRepresentable

if TYPE_CHECKING:
    from glissando.dialects import lrsched as lrsched
    from glissando.dialects import torch as torch

PEERS = ("lrsched", "torch")
"""The frameworks whose dialects there are, each the name of a module here."""


def __getattr__(name: str) -> Any:
    if name not in PEERS:
        raise AttributeError(f"module 'glissando.dialects' has no attribute {name!r}")
    return import_module(f"glissando.dialects.{name}")


def __dir__() -> list[str]:
    return sorted({*globals(), *PEERS})
