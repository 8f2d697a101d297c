"""torchtitan: the TOML files of its versions up to 0.2, and the JSON of its configurations."""

from collections.abc import Mapping

from glissando.convert.document import Document
from glissando.convert.given import Given
from glissando.convert.keys import Keys
from glissando.convert.registry import reader
from glissando.dialects import torchtitan
from glissando.schedule import Schedule

BESIDE = ("model", "lr_scheduler", "parallelism", "metrics", "checkpoint")


def _knows(document: Document) -> float:
    optimizer, training = document.data.get("optimizer"), document.data.get("training")
    if not isinstance(optimizer, Mapping) or not isinstance(training, Mapping):
        return 0.0
    if not {"lr", "name"} & {*optimizer} or "steps" not in training:
        return 0.0
    return 0.4 + 0.1 * sum(name in document.data for name in BESIDE)


@reader("torchtitan", _knows)
def read(document: Document, given: Given) -> Schedule:
    """Return the rate of each update."""
    keys = Keys("torchtitan", document.data)
    training, part = keys.section("training"), keys.section("lr_scheduler")
    steps = training.optional_whole("steps") or given.steps
    if training.get("warmup_steps") is not None:
        raise training.refuse(
            "warmup_steps", "before `lr_scheduler` had it, torchtitan's warm-up was another one"
        )
    if steps is None:
        given.need("torchtitan", "steps")
    floor = part.optional("min_lr_factor")
    return torchtitan.LRSchedulersContainer(
        warmup_steps=part.whole("warmup_steps", 200),
        total_steps=part.optional_whole("total_steps"),
        decay_ratio=part.optional("decay_ratio"),
        decay_type=part.text("decay_type", "linear"),  # type: ignore[arg-type]  # it is checked
        min_lr_factor=part.number("lr_min", 0.0) if floor is None else floor,
        lr=keys.section("optimizer").number("lr", 8e-4),
        training_steps=int(steps or 0),
    )
