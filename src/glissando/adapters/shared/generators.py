"""The random generators that data hold, such as a DataLoader's: kept, put back, seeded."""

import random
import sys
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NamedTuple


class Generator(NamedTuple):
    """What can be done with a random generator, of whatever kind."""

    get: Callable[[], Any]
    set: Callable[[Any], Any]
    seed: Callable[[int], Any]


def generators_of(data: Any) -> list[Generator]:
    """Return the generators that data have as attributes, or their samplers and datasets."""
    found = {id(one): one for holder in _holders(data) for one in _own(holder).values()}
    return [known for one in found.values() if (known := generator_of(one)) is not None]


def _holders(data: Any) -> Iterator[Any]:
    yield data
    for name in ("sampler", "batch_sampler", "dataset"):
        if (part := _own(data).get(name)) is not None:
            yield from _holders(part)


def _own(holder: Any) -> dict[str, Any]:
    return getattr(holder, "__dict__", {})


def generator_of(thing: Any) -> Generator | None:
    """Return what can be done with a random generator that somebody made; None if it is none."""
    torch: Any = sys.modules.get("torch")
    numpy: Any = sys.modules.get("numpy.random")
    if torch is not None and isinstance(thing, torch.Generator):
        return Generator(thing.get_state, thing.set_state, thing.manual_seed)
    if isinstance(thing, random.Random) and not isinstance(thing, random.SystemRandom):
        return Generator(thing.getstate, thing.setstate, thing.seed)
    if numpy is None:
        return None
    if isinstance(thing, numpy.RandomState):
        return Generator(partial(thing.get_state, legacy=False), thing.set_state, thing.seed)
    bits = thing.bit_generator if isinstance(thing, numpy.Generator) else thing
    if not isinstance(bits, numpy.BitGenerator):
        return None
    put = partial(setattr, bits, "state")
    return Generator(lambda: bits.state, put, lambda seed: put(type(bits)(seed).state))
