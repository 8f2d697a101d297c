"""fairseq: the YAML files of Hydra, and the flags of `fairseq-train`."""

import math
from collections.abc import Mapping

from glissando.combinators import Chain
from glissando.convert.document import Document
from glissando.convert.given import Given
from glissando.convert.keys import Keys, flags_of
from glissando.convert.registry import reader
from glissando.errors import ScheduleError
from glissando.families import (
    Constant,
    Cosine,
    InverseSqrt,
    Linear,
    LogLinear,
    Piecewise,
    Polynomial,
)
from glissando.schedule import Schedule

FLAGS = ("warmup_updates", "max_update", "update_freq", "max_tokens", "warmup_init_lr", "arch")
MOST = 10_000
"""How many cosines may follow one another."""


def _knows(document: Document) -> float:
    data, flags = document.data, document.flags
    optimization = data.get("optimization")
    if isinstance(optimization, Mapping) and ("lr" in optimization or "max_update" in optimization):
        return 0.9
    if "lr_scheduler" in flags and "lr" in flags:
        return min(0.8, 0.4 * sum(name in flags for name in FLAGS))
    return 0.0


class _Run:
    """What a scheduler is made from: its own keys, the rates, and the number of updates."""

    def __init__(self, document: Document, given: Given) -> None:
        keys = Keys("fairseq", document.data)
        self.given = given
        if "optimization" in document.data:
            scheduler = keys.get("lr_scheduler")
            named = isinstance(scheduler, Mapping)
            self.part = keys.section("lr_scheduler") if named else Keys("fairseq", {})
            self.name = self.part.text("_name", "fixed") if named else str(scheduler or "fixed")
            self.whole = keys.section("optimization")
            self.rates = (self.part if self.part.get("lr") else self.whole).numbers("lr")
        else:
            flags = flags_of(document)
            self.part = self.whole = Keys("fairseq", flags)
            self.name = self.part.text("lr_scheduler", "fixed")
            words = self.part.text("lr", "").replace("[", " ").replace("]", " ").replace(",", " ")
            self.rates = Keys("fairseq", {"lr": words.split()}).numbers("lr")
        if not self.rates:
            self.rates = [self.whole.number("lr")]

    def rate(self) -> float:
        """Return the only rate."""
        if len(self.rates) > 1:
            raise ScheduleError(
                f"fairseq: `lr` must be one rate for {self.name!r}, got {len(self.rates)}"
            )
        return self.rates[0]

    def updates(self, name: str = "") -> int:
        """Return the number of updates, by a key of the scheduler or the run's own."""
        found = self.part.optional_whole(name) if name else None
        found = found or self.whole.optional_whole("max_update") or self.given.steps
        if not found:
            self.given.need("fairseq", "steps")
        return int(found or 0)


@reader("fairseq", _knows)
def read(document: Document, given: Given) -> Schedule:
    """Return the rate of each update."""
    run = _Run(document, given)
    if run.name not in SCHEDULERS:
        raise ScheduleError(
            f"fairseq: `lr_scheduler` must be one of {', '.join(SCHEDULERS)}, got {run.name!r}"
        )
    return SCHEDULERS[run.name](run)


def _fixed(run: _Run) -> Schedule:
    """Return a rate for each epoch, the last one for the rest, times what the warm-up leaves."""
    if run.part.get("force_anneal") is not None:
        raise run.part.refuse("force_anneal", "annealing from an epoch on is not read")
    warmup = run.part.whole("warmup_updates", 0)
    rates: Schedule = Constant(run.rates[0])
    if len(run.rates) > 1:
        run.given.need("fairseq", "steps_per_epoch")
        epoch = int(run.given.steps_per_epoch or 0)
        rates = Piecewise(run.rates, [epoch * (i + 1) for i in range(len(run.rates) - 1)])
    if not warmup:
        return rates
    rise = Linear(1 / warmup, 1.0, warmup - 1)
    if len(run.rates) == 1:
        return rise * run.rates[0]
    return rise * rates


def _polynomial(run: _Run) -> Schedule:
    if run.part.get("force_anneal") is not None:
        raise run.part.refuse("force_anneal", "annealing from an epoch on is not read")
    rate, warmup = run.rate(), run.part.whole("warmup_updates", 0)
    total, end = run.updates("total_num_update"), run.part.number("end_learning_rate", 0.0)
    if warmup >= total:
        return Linear(0.0, rate, warmup) >> Constant(rate, 1) >> Constant(end)
    power = run.part.number("power", 1.0)
    return Linear(0.0, rate, warmup) >> Polynomial(rate, end, total - warmup, power)


def _inverse_sqrt(run: _Run) -> Schedule:
    rate, warmup = run.rate(), run.part.whole("warmup_updates", 4000)
    if not warmup:
        raise run.part.refuse("warmup_updates", "fairseq divides by it: it must be 1 or more")
    first = run.part.number("warmup_init_lr", -1.0)
    return Linear(max(0.0, first), rate, warmup) >> InverseSqrt(rate, warmup)


def _cosine(run: _Run) -> Schedule:
    rate, warmup = run.rate(), run.part.whole("warmup_updates", 0)
    floor, growth = run.part.number("min_lr", 0.0), run.part.number("t_mult", 1.0)
    first, shrink = run.part.number("warmup_init_lr", -1.0), run.part.number("lr_shrink", 0.1)
    period = run.part.number("lr_period_updates", -1.0)
    if period <= 0:
        period = run.updates() - warmup
    rise = Linear(floor if first < 0 else first, rate, warmup)
    if growth == 1 and period == int(period) and shrink <= 1:
        return rise >> Cosine(rate, floor, int(period)).repeat(scale=shrink)
    end, step, cycles = run.updates() - warmup, 0.0, list[Schedule]()
    while step <= end:
        length = growth ** len(cycles) * period
        if len(cycles) == MOST or length != int(length) or length < 1:
            raise run.part.refuse("t_mult", "its cycles must be whole, and not too many")
        low = shrink ** len(cycles)
        cycles.append(Cosine(rate * low, floor * low, int(length)))
        step += length
    return Chain([rise, *cycles])


def _tri_stage(run: _Run) -> Schedule:
    rate, ratios = run.rate(), run.part.numbers("phase_ratio")
    if ratios:
        if len(ratios) != 3 or sum(ratios) != 1:
            raise run.part.refuse("phase_ratio", "it must be three ratios, 1 in all")
        rise, hold, fall = (int(run.updates() * ratio) for ratio in ratios)
    else:
        names = ("warmup_steps", "hold_steps", "decay_steps")
        rise, hold, fall = (run.part.whole(name, 0) for name in names)
    if not fall:
        raise ScheduleError("fairseq: `decay_steps` must be 1 or more: fairseq divides by it")
    first = run.part.number("init_lr_scale", 0.01) * rate
    end = run.part.number("final_lr_scale", 0.01) * rate
    if not 0 < end <= rate or math.isinf(end):
        raise run.part.refuse("final_lr_scale", "it must be above 0 and at most 1")
    return Linear(first, rate, rise) >> Constant(rate, hold) >> LogLinear(rate, end, fall)


SCHEDULERS = {
    "fixed": _fixed,
    "polynomial_decay": _polynomial,
    "inverse_sqrt": _inverse_sqrt,
    "cosine": _cosine,
    "tri_stage": _tri_stage,
}
"""Those schedulers of fairseq that follow no metric and need no code."""
