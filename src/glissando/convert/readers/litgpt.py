"""LitGPT: the YAML files of its pretraining and finetuning.

Pretraining counts iterations, of which an update may take several, and the rate of an update is
that of its last one. Finetuning counts updates, and leaves `min_lr` out of account.
"""

from collections.abc import Mapping

from glissando.convert.document import Document
from glissando.convert.given import Given
from glissando.convert.keys import Keys
from glissando.convert.pace import last_of
from glissando.convert.registry import reader
from glissando.families import Cosine, Linear
from glissando.schedule import Schedule

OWN = ("lr_warmup_steps", "lr_warmup_fraction", "micro_batch_size", "global_batch_size")


def _knows(document: Document) -> float:
    train = document.data.get("train")
    if not isinstance(train, Mapping):
        return 0.0
    return min(0.9, 0.3 * sum(name in train for name in OWN))


@reader("litgpt", _knows)
def read(document: Document, given: Given) -> Schedule:
    """Return the rate of each update."""
    keys = Keys("litgpt", document.data)
    train = keys.section("train")
    if train.optional("lr_warmup_fraction"):
        raise train.refuse("lr_warmup_fraction", "say it as `lr_warmup_steps`")
    if isinstance(keys.get("optimizer"), str):
        raise keys.refuse("optimizer", "say its rate, by `optimizer.init_args.lr`")
    rate = keys.within("optimizer", "init_args").number("lr")
    if train.get("max_tokens") is not None:
        return _pretraining(keys, train, given, rate)
    return _finetuning(train, given, rate)


def _processes(keys: Keys, given: Given) -> int:
    devices = keys.get("devices")
    if given.world_size is None and isinstance(devices, int):
        return keys.count("devices") * keys.count("num_nodes", 1)
    given.need("litgpt", "world_size")
    return int(given.world_size or 0)


def _pretraining(keys: Keys, train: Keys, given: Given, rate: float) -> Schedule:
    processes, micro = _processes(keys, given), train.count("micro_batch_size", 4)
    accumulated = train.whole("global_batch_size", 512) // processes // micro
    if accumulated < 1:
        raise train.refuse("global_batch_size", "it must have a micro-batch for every process")
    if train.get("max_seq_length") is not None:
        length = train.count("max_seq_length")
    else:  # the block of the model, which the file only names
        given.need("litgpt", "tokens_per_step")
        length = int(given.tokens_per_step or 0) // (micro * accumulated * processes)
        length = max(1, length)
    iterations = train.whole("max_tokens") // processes // (micro * length)
    warmup = min(iterations, _warmup(train, 2000) * accumulated)
    fall = Cosine(rate, train.number("min_lr", 4e-5), iterations - warmup)
    return last_of(Linear(0.0, rate, warmup) >> fall, accumulated)


def _warmup(train: Keys, default: int) -> int:
    """Return the updates of the warm-up: an empty key is none, a missing one the default."""
    empty = "lr_warmup_steps" in train.data and train.get("lr_warmup_steps") is None
    return 0 if empty else train.whole("lr_warmup_steps", default)


def _finetuning(train: Keys, given: Given, rate: float) -> Schedule:
    steps = given.steps
    if steps is None:
        given.need("litgpt", "steps_per_epoch")
        steps = train.whole("epochs", 5) * int(given.steps_per_epoch or 0)
        steps = min(steps, train.optional_whole("max_steps") or steps)
    warmup = _warmup(train, 100)
    if not warmup:
        raise train.refuse("lr_warmup_steps", "LitGPT divides by it: it must be 1 or more")
    rise = Linear(0.0, rate, warmup)
    if warmup >= steps:  # the run is over before its cosine begins
        return rise
    return rise >> Cosine(rate, 0.0, steps - warmup)
