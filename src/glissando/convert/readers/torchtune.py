"""torchtune: the YAML files of its recipes."""

from collections.abc import Mapping

from glissando.convert.document import Document
from glissando.convert.given import Given
from glissando.convert.keys import Keys
from glissando.convert.registry import reader
from glissando.convert.shared.curves import ended
from glissando.dialects import transformers
from glissando.families import Constant, Linear
from glissando.schedule import Schedule

COSINE = "get_cosine_schedule_with_warmup"


def _knows(document: Document) -> float:
    parts = [document.data.get(name) for name in ("optimizer", "model", "tokenizer")]
    components = [part for part in parts if isinstance(part, Mapping) and "_component_" in part]
    return 0.3 * len(components) if parts[0] in components else 0.0


@reader("torchtune", _knows)
def read(document: Document, given: Given) -> Schedule:
    """Return the rate of each update; without a scheduler it stays as it is."""
    keys = Keys("torchtune", document.data)
    rate = keys.section("optimizer").number("lr")
    if keys.get("lr_scheduler") is None:
        return Constant(rate)
    part = keys.section("lr_scheduler")
    name = part.text("_component_")
    if name.rpartition(".")[2] != COSINE:
        raise part.refuse("_component_", f"of torchtune's schedulers {COSINE} is read")
    steps = given.steps
    if steps is None:
        given.need("torchtune", "steps_per_epoch")
        epoch = int(given.steps_per_epoch or 0)
        most = keys.optional_whole("max_steps_per_epoch")
        steps = keys.whole("epochs") * (epoch if most is None else min(epoch, most))
    warmup = part.whole("num_warmup_steps")
    if warmup >= steps:  # the run is over before its cosine begins
        return Linear(0.0, rate, warmup)
    curve = transformers.get_cosine_schedule_with_warmup(
        num_warmup_steps=warmup,
        num_training_steps=steps,
        num_cycles=part.number("num_cycles", 0.5),
        lr=rate,
    )
    return ended(curve, steps)
