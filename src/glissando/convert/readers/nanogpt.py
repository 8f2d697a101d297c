"""nanoGPT: its configuration files, and its `--name=value` flags.

The warm-up begins at 1 of `warmup_iters` + 1 parts; before December 2024 it began at 0 of
`warmup_iters`, which is what a `framework_version` such as "2024.6", a date, says.
"""

from glissando.convert.document import Document
from glissando.convert.given import Given
from glissando.convert.keys import Keys, flags_of
from glissando.convert.registry import reader
from glissando.families import Constant, Cosine, Linear
from glissando.schedule import Schedule

OWN = ("max_iters", "lr_decay_iters", "warmup_iters", "decay_lr", "learning_rate", "min_lr")
BESIDE = (
    "block_size",
    "n_layer",
    "wandb_project",
    "init_from",
    "eval_iters",
    "always_save_checkpoint",
)

FOREIGN = ("decay_profile", "lr_schedule", "lr_scheduler", "scheduler")
COSINE = (None, "", "none", "cosine", 0, False)
"""By which settings copies of nanoGPT have other schedules, and what they are otherwise."""

FIXED = (2024, 12)
"""When the first update got a rate."""


def _knows(document: Document) -> float:
    names = {*document.data, *document.flags}
    own = sum(name in names for name in OWN)
    return 0.8 if "max_iters" in names and own > 1 and names & {*BESIDE} else 0.0


@reader("nanogpt", _knows)
def read(document: Document, given: Given) -> Schedule:
    """Return the rate of each update; what a file does not say is as in `train.py`."""
    keys = Keys("nanogpt", {**document.data, **flags_of(document)})
    for name in FOREIGN:
        if keys.get(name) not in COSINE:
            raise keys.refuse(
                name, "nanoGPT has no such setting: a copy's own schedule is not read"
            )
    peak = keys.number("learning_rate", 6e-4)
    if not keys.flag("decay_lr", True):
        return Constant(peak)
    floor, warmup = keys.number("min_lr", 6e-5), keys.whole("warmup_iters", 2000)
    end = keys.whole("lr_decay_iters", 600_000)
    first = peak / max(1, warmup + 1) if (given.version() or FIXED) >= FIXED else 0.0
    rise = Linear(first, peak, warmup)
    if warmup >= end:  # past the end of the decay comes the floor at once
        return rise >> Constant(floor)
    return rise >> Cosine(peak, floor, end - warmup)
