"""fairseq: the YAML files of Hydra, and the flags of `fairseq-train`."""

import math
import re
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
    Staircase,
)
from glissando.schedule import Schedule

FLAGS = ("warmup_updates", "max_update", "update_freq", "max_tokens", "warmup_init_lr", "arch")
PASSED = "pass_through"
"""What leaves the schedule to the optimizer, each of whose groups has its own."""

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
        self.given = given
        if "optimization" in document.data:
            self._of_file(Keys("fairseq", document.data))
        else:
            flags = flags_of(document)
            self.part = self.whole = Keys("fairseq", flags)
            self.name = self.part.text("lr_scheduler", "fixed")
            self.rates = self.row("lr")
        if not self.rates:
            self.rates = [self.whole.number("lr")]

    def _of_file(self, keys: Keys) -> None:
        self.whole, own = keys.section("optimization"), Keys("fairseq", {})
        if keys.get("lr_scheduler") == PASSED:
            keys = own = self._group(keys.within("optimizer", "groups"))
        scheduler = keys.get("lr_scheduler")
        named = isinstance(scheduler, Mapping)
        self.part = keys.section("lr_scheduler") if named else Keys("fairseq", {})
        self.name = self.part.text("_name", "fixed") if named else str(scheduler or "fixed")
        self.rates = (
            own.numbers("lr_float")
            or own.section("optimizer").numbers("lr")
            or self.part.numbers("lr")
            or self.whole.numbers("lr")
        )

    def _group(self, groups: Keys) -> Keys:
        """Return the keys of a group of parameters with an optimizer of its own."""
        name = self.given.group if len(groups.data) != 1 else next(iter(groups.data))
        if name not in groups.data:
            raise ScheduleError(
                "fairseq: `group` must name a group of `optimizer.groups`, one of "
                f"{', '.join(map(str, groups.data))}, got {name!r}"
            )
        return groups.section(str(name))

    def row(self, name: str) -> list[float]:
        """Return numbers, which flags have as a text: `[0.1,0.4,0.5]`."""
        text = self.part.get(name)
        if not isinstance(text, str):
            return self.part.numbers(name)
        return Keys("fairseq", {name: re.findall(r"[^\s,()\[\]]+", text)}).numbers(name)

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
    warmup, annealed = run.part.whole("warmup_updates", 0), run.part.optional_whole("force_anneal")
    rates: Schedule = Constant(run.rates[0])
    if len(run.rates) > 1 or annealed is not None:
        run.given.need("fairseq", "steps_per_epoch")
        rates = _by_epoch(run, int(run.given.steps_per_epoch or 0), annealed)
    if not warmup:
        return rates
    rise = Linear(1 / warmup, 1.0, warmup - 1)
    return rise * (run.rates[0] if isinstance(rates, Constant) else rates)


def _by_epoch(run: _Run, epoch: int, annealed: int | None) -> Schedule:
    """Return the epochs' rates, and from one on a multiple of the last for each, as a power."""
    rates = run.rates[: None if annealed is None else max(1, annealed - 1)]
    listed = Piecewise(rates, [epoch * (i + 1) for i in range(len(rates) - 1)])
    if annealed is None:
        return listed
    shrink = run.part.number("lr_shrink", 0.1)
    if not 0 < shrink < 1 or annealed < 1:
        raise run.part.refuse("force_anneal", "it must be 1 or more, `lr_shrink` between 0 and 1")
    fall = Staircase(run.rates[-1] * shrink, shrink, epoch)
    return listed.take(epoch * (annealed - 1)) >> fall


def _polynomial(run: _Run) -> Schedule:
    if run.part.get("force_anneal") is not None:
        raise run.part.refuse("force_anneal", "annealing from an epoch on is not read")
    rate, warmup = run.rate(), run.part.whole("warmup_updates", 0)
    ratio, end = run.part.number("warmup_ratio", 0.0), run.part.number("end_learning_rate", 0.0)
    total = run.updates("" if ratio > 0 else "total_num_update")
    if ratio > 0:  # in OFA's copy of fairseq, whose totals are the run's own
        warmup = int(total * ratio)
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
    if run.part.get("max_lr") is not None:  # as before 2021, when `lr` was the floor
        floor, rate = rate, run.part.number("max_lr")
    first, shrink = run.part.number("warmup_init_lr", -1.0), run.part.number("lr_shrink", 0.1)
    period = run.part.number("lr_period_updates", -1.0)
    if period <= 0:
        period = run.updates() - warmup
    rise = Linear(floor if first < 0 else first, rate, warmup)
    if run.part.number("lr_period_updates", -1.0) <= 0 and period >= 1:
        return rise >> Cosine(rate, floor, int(period))  # which ends with the run
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
    rate, ratios = run.rate(), run.row("phase_ratio")
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


def _triangular(run: _Run) -> Schedule:
    """Return lines up and down, of which each pair has a lower peak than the one before."""
    low, high = run.rate(), run.part.number("max_lr")
    half, shrink = (
        run.part.number("lr_period_updates", 5000) // 2,
        run.part.number("lr_shrink", 0.1),
    )
    if half < 1 or not 0 < shrink <= 1:
        raise run.part.refuse(
            "lr_shrink" if half else "lr_period_updates",
            "a period must be 2 or more, and a factor above 0 and at most 1",
        )
    rise, fall = Linear(0.0, high, int(half)), Linear(high, 0.0, int(half))
    if run.part.flag("shrink_min") or shrink == 1:
        rise, fall = Linear(low, high, int(half)), Linear(high, low, int(half))
        return (rise >> fall).repeat(scale=shrink)
    valley = (Linear(low, 0.0, int(half)) >> Linear(0.0, low, int(half))).repeat()
    return (rise >> fall).repeat(scale=shrink) + valley


def _step(run: _Run) -> Schedule:
    rate, warmup = run.rate(), run.part.whole("warmup_updates", 0)
    floor, first = run.part.number("min_lr", 0.0), run.part.number("warmup_init_lr", -1.0)
    decay = run.part.number("lr_decay", 0.5)
    if not 0 < decay <= 1:
        raise run.part.refuse("lr_decay", "it must be above 0 and at most 1")
    rise = Linear(floor if first < 0 else first, rate, warmup)
    if decay == 1:
        return rise >> Constant(rate)
    stairs = Staircase(rate, decay, run.part.count("lr_deacy_period", 25_000))  # spelled so there
    return rise >> (stairs.clip(floor) if floor else stairs)


SCHEDULERS = {
    "fixed": _fixed,
    "polynomial_decay": _polynomial,
    "inverse_sqrt": _inverse_sqrt,
    "cosine": _cosine,
    "tri_stage": _tri_stage,
    "triangular": _triangular,
    "step": _step,
}
"""Those schedulers of fairseq that follow no metric and need no code."""
