"""Megatron-LM: the flags of `pretrain_gpt.py` and the scripts beside it.

Its clock is samples, of which every update takes the global batch. A run that goes on from a
checkpoint may take the schedule from there: that of its flags is read.
"""

from fractions import Fraction
from typing import Any

from glissando.clock.batches import batch_ramp
from glissando.convert.document import Document
from glissando.convert.given import Given
from glissando.convert.keys import Keys, flags_of
from glissando.convert.pace import over_ramp
from glissando.convert.registry import reader
from glissando.dialects import megatron
from glissando.errors import ScheduleError, shown
from glissando.schedule import Schedule

OWN = ("lr_decay_style", "lr_decay_iters", "lr_decay_samples", "lr_warmup_samples", "train_samples")
MODEL = ("micro_batch_size", "global_batch_size", "tensor_model_parallel_size", "rampup_batch_size")


def _knows(document: Document) -> float:
    flags = document.flags
    if "lr" not in flags or not any(name in flags for name in (*OWN, "train_iters")):
        return 0.0
    return 0.9 if any(name in flags for name in MODEL) else 0.6


@reader("megatron", _knows)
def read(document: Document, given: Given) -> Schedule:
    """Return the rate of each update; that of the `group` "decoupled" is `--decoupled-lr`'s."""
    flags = Keys("megatron", flags_of(document) or document.data)
    for name in ("lr_decay_tokens", "lr_warmup_tokens", "train_tokens"):
        if flags.get(name) is not None:
            raise flags.refuse(name, "a clock of tokens is not read; say it in samples")
    over_samples = flags.get("train_samples") is not None
    if over_samples and flags.get("train_iters") is not None:
        raise flags.refuse("train_iters", "there is `train_samples`, too: leave out one of them")
    options = _rates(flags, given)
    return (
        _by_samples(flags, given, options) if over_samples else _by_updates(flags, given, options)
    )


def _rates(flags: Keys, given: Given) -> dict[str, Any]:
    top, floor = flags.number("lr"), flags.number("min_lr", 0.0)
    if given.group == "decoupled":
        top, floor = flags.number("decoupled_lr"), flags.number("decoupled_min_lr", floor)
    style = flags.text("lr_decay_style", "linear")
    shape = {"lr_wsd_decay_style": flags.text("lr_wsd_decay_style", "exponential")}
    return {
        "init_lr": flags.number("lr_warmup_init", 0.0),
        "max_lr": top,
        "min_lr": floor,
        "lr_decay_style": style,
    } | (shape if style == "WSD" else {})


def _made(
    options: dict[str, Any], warmup: float, decay: int, wsd: int | None, increment: int
) -> Schedule:
    """Return the schedule, on a finer clock where the warm-up ends between two of its steps."""
    exact = Fraction(warmup).limit_denominator(1000)
    finer = exact.denominator
    if wsd is not None:
        options = options | {"wsd_decay_steps": wsd * finer}
    return megatron.OptimizerParamScheduler(  # type: ignore[return-value]  # there is no decay of weights
        lr_warmup_steps=int(exact * finer),
        lr_decay_steps=decay * finer,
        increment=increment * finer,
        **options,
    )


def _by_updates(flags: Keys, given: Given, options: dict[str, Any]) -> Schedule:
    if flags.get("rampup_batch_size") is not None:
        raise flags.refuse("rampup_batch_size", "it goes with `train_samples`, not `train_iters`")
    decay = flags.optional_whole("lr_decay_iters") or flags.optional_whole("train_iters")
    if decay is None:
        given.need("megatron", "steps")
        decay = int(given.steps or 0)
    fraction = flags.optional("lr_warmup_fraction")
    warmup = flags.whole("lr_warmup_iters", 0) if fraction is None else fraction * decay
    wsd = flags.whole("lr_wsd_decay_iters") if options["lr_decay_style"] == "WSD" else None
    batch = 1
    if options["lr_decay_style"] == "inverse-square-root" and not warmup:
        batch = _global_batch(flags, given)  # the first batch has it as the length of a warm-up
    return _made(options, warmup * batch, decay * batch, wsd, batch)


def _by_samples(flags: Keys, given: Given, options: dict[str, Any]) -> Schedule:
    decay = flags.optional_whole("lr_decay_samples") or flags.whole("train_samples")
    fraction = flags.optional("lr_warmup_fraction")
    warmup = flags.whole("lr_warmup_samples", 0) if fraction is None else fraction * decay
    wsd = flags.whole("lr_wsd_decay_samples") if options["lr_decay_style"] == "WSD" else None
    batch = _global_batch(flags, given)
    ramp = flags.get("rampup_batch_size")
    if ramp is None:
        return _made(options, warmup, decay, wsd, batch)
    words = str(ramp).split()
    numbers = Keys("megatron", dict(enumerate(words)), "rampup_batch_size ")  # type: ignore[arg-type]
    if len(words) != 3:
        raise ScheduleError(
            "megatron: `rampup_batch_size` must be three numbers, the first batch, the increment "
            f"and the samples, got {shown(ramp)}"
        )
    start, increment, samples = (numbers.whole(i) for i in range(3))  # type: ignore[arg-type]
    sizes = batch_ramp(start, increment, samples, batch)
    return over_ramp(_made(options, warmup, decay, wsd, 1), sizes)


def _global_batch(flags: Keys, given: Given) -> int:
    size = flags.optional_whole("global_batch_size")
    if size is not None:
        return size
    micro = flags.optional_whole("micro_batch_size") or given.batch_size
    if micro is None:
        given.need("megatron", "batch_size")
    given.need("megatron", "world_size")
    return int(micro or 0) * int(given.world_size or 0) * int(given.accumulation or 1)
