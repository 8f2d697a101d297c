"""What PyTorch makes of several schedulers of one optimizer, which is more than a chain or product.

Its schedulers write into the optimizer: the rate that it began with, which others read, and the
rate itself, which others multiply.
"""

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace
from functools import reduce
from itertools import pairwise
from operator import mul
from threading import Lock
from typing import Annotated, Any

from glissando.combinators import Chain, Strict
from glissando.dialects.shared.declare import Made, NotRepresentable, how_made
from glissando.dialects.shared.hyperparameters import Hyperparameters, rate_of
from glissando.errors import ScheduleError
from glissando.families import Constant, Cosine, Linear, Piecewise, Table, schedule
from glissando.rules import Many
from glissando.schedule import Part, Schedule

SETTERS = ("CosineAnnealingWarmRestarts", "CyclicLR", "LambdaLR", "OneCycleLR")
"""Those that set the rate at every step; the others change the one that they find."""

LONGEST = 1_000_000
"""The longest curve that becomes a table."""


class Scheduler(Part):
    """A schedule, or what a scheduler of PyTorch sets beside the rate."""

    def check(self, value: Any, where: str) -> Any:
        """Return `value`, or raise a `ScheduleError` about `where`."""
        if isinstance(value, Hyperparameters) and how_made(value, "torch"):
            return value
        return super().check(value, where)


AnyScheduler = Annotated[Schedule | Hyperparameters, Scheduler()]
Schedulers = Annotated[
    Sequence[Schedule | Hyperparameters], Many(Scheduler(), "a list of schedules")
]


def members_of(schedulers: Sequence[Schedule | Hyperparameters]) -> list[Made]:
    """Return which schedulers they were made as; what is none of PyTorch's counts as `LambdaLR`."""
    found = []
    for each in schedulers:
        known = how_made(each, "torch") or Made("LambdaLR", rate_of(each), type(each), {})
        if known.name in ("ChainedScheduler", "SequentialLR"):
            raise NotRepresentable(f"PyTorch cannot start {known.name} from inside another")
        found.append(known)
    return found


def at_rate(one: Made, lr: float) -> Schedule:
    """Return a schedule for another rate of the optimizer."""
    return one.again(lr=lr) if "lr" in one.given else one.curve


def first_rates(members: Sequence[Made]) -> list[float]:
    """Return the optimizer's `initial_lr` after each scheduler is built, in their order."""
    rates = {m.given["lr"] for m in members if "lr" in m.given}
    if len(rates) > 1:
        raise ScheduleError(
            f"`schedulers` must have one `lr`, their optimizer's, got {sorted(rates)}"
        )
    own = rates.pop() if rates else math.nan  # which nobody asks for
    found: list[float] = []
    for one in members:
        if one.name == "OneCycleLR":
            found.append(one.given["max_lr"] / one.given["div_factor"])
        elif found:
            found.append(found[-1])
        else:
            found.append(one.given["base_lr"] if one.name == "CyclicLR" else own)
    return found


def rewritten(members: Sequence[Made]) -> list[Made]:
    """Return schedulers as they run: all of a class read the numbers that its last one wrote."""
    shared = {"OneCycleLR": ("max_lr", "div_factor", "final_div_factor"), "SWALR": ("swa_lr",)}
    found = []
    for one in members:
        last = next(m for m in reversed(members) if m.name == one.name)
        changes = {name: last.given[name] for name in shared.get(one.name, ())}
        if last is one or not changes:
            found.append(one)
        else:
            found.append(replace(one, curve=one.again(**changes), given=one.given | changes))
    return found


def joined(
    schedulers: Sequence[Schedule | Hyperparameters], milestones: Sequence[int]
) -> Schedule | Hyperparameters:
    """Return what `SequentialLR` makes of schedulers and as many milestones less one."""
    members = members_of(schedulers)
    rate = _joined(members, milestones)
    if all(one.momentum is None for one in members):
        return rate
    return Hyperparameters({"lr": rate, "momentum": _joined_momentum(members, milestones)})


def _joined_momentum(members: Sequence[Made], milestones: Sequence[int]) -> Schedule:
    """Return the momentum, which each scheduler that moves it has set once while it is built."""
    movers = [one for one in members if one.momentum is not None]
    last = movers[-1]
    value = last.momentum(0)  # type: ignore[misc]  # those without one are left out
    written = {name: last.given[name] for name in ("base_momentum", "max_momentum")}
    first = bisect_right(milestones, 0)
    begins = [0, *milestones[first:], math.inf]
    whole: Schedule = Chain(())
    for one, (begin, end) in zip(members[first:], pairwise(begins), strict=True):
        if begin == end:
            continue
        curve: Schedule = Constant(value)
        if one.name == "OneCycleLR" and one.momentum is not None:
            curve = one.make(**one.given | written | {"of": "momentum"})
        elif one.momentum is not None:
            curve = one.momentum
        if end == math.inf or (isinstance(curve, Strict) and curve.steps + 1 < end - begin):
            return whole >> curve
        whole = whole >> curve.cut(int(end - begin))
        value = curve(end - begin - 1)
    return whole


def _joined(members: Sequence[Made], milestones: Sequence[int]) -> Schedule:
    rates = first_rates(members)
    members = rewritten(members)
    first = bisect_right(milestones, 0)
    whole: Schedule = Chain(())
    begins = [0, *milestones[first:]]
    for i, (one, begin) in enumerate(zip(members[first:], begins, strict=True), first):
        length = begins[i - first + 1] - begin if i < len(members) - 1 else math.inf
        if length == 0:
            continue
        curve = at_rate(one, rates[i] if begin or one.name in SETTERS else rates[-1])
        if one.name == "CosineAnnealingLR" and not begin and rates[i] != rates[-1]:
            # it goes down from where it is, and up to where it thought that it was
            floor, steps = one.given["eta_min"], one.given["T_max"]
            curve = Cosine(rates[-1], floor, steps) >> Cosine(floor, rates[i], steps).bounce()
        elif one.name in ("MultiplicativeLR", "SWALR") and begin:
            before = whole(begin - 1)
            if one.name == "MultiplicativeLR":
                before *= one.given["lr_lambda"](0)
            curve = one.again(lr=before)
        elif one.given.get("total_iters") == 0 and begin:
            if one.name != "ConstantLR":
                raise NotRepresentable("PyTorch divides by zero at the milestone")
            curve = Constant(rates[i])
        if isinstance(curve, Strict) and curve.steps + 1 < length:
            return whole >> curve  # at whose end PyTorch stops
        whole = whole >> (curve if length == math.inf else curve.cut(int(length)))
    return whole


def chained(
    schedulers: Sequence[Schedule | Hyperparameters],
) -> Schedule | Hyperparameters:
    """Return what `ChainedScheduler` makes of schedulers."""
    members = members_of(schedulers)
    rate = _chained(members)
    momenta = [one.momentum for one in members if one.momentum is not None]
    return Hyperparameters({"lr": rate, "momentum": momenta[-1]}) if momenta else rate


def _chained(members: Sequence[Made]) -> Schedule:
    rates = first_rates(members)
    members = rewritten(members)
    # what is before the last that sets the rate has no effect, but that it may raise
    last = max((i for i, m in enumerate(members) if m.name in SETTERS), default=0)
    ends = [m.curve.steps for m in members[:last] if isinstance(m.curve, Strict)]
    one = members[last]
    if one.name == "CyclicLR" and rates[last] != one.given["base_lr"]:
        # while it is built, it takes the others' first rate for its own base
        later = Constant(rates[last], 1) >> one.curve.drop(1)
        members[last] = replace(one, curve=later)
    whole = together(members[last:], rates[last])
    return whole.take(int(min(ends))).strict() if ends else whole


def together(members: Sequence[Made], lr: float) -> Schedule:
    """Return what schedulers make of a rate that only the first of them may set."""
    first, *others = members
    if not others:
        return at_rate(first, lr)
    whole: Schedule | None = None
    waves = [m for m in members if m.name == "CosineAnnealingLR"]
    if "SWALR" not in {m.name for m in members}:
        if first.name in SETTERS and not waves:
            changes = [changing(m) for m in others]
            if None not in changes:
                whole = reduce(mul, filter(None, changes), at_rate(first, lr))
        elif not waves:
            return reduce(mul, (at_rate(m, 1.0) for m in others), at_rate(first, lr))
        elif first.name not in SETTERS and len(waves) == 1:
            whole = bouncing(members, waves[0], lr)
    return whole or schedule(Recurrence(members, lr))


def settled(one: Made) -> float:
    """Return the step after which a scheduler multiplies by the same number for ever."""
    if one.name == "ExponentialLR":
        return 0
    if one.name == "MultiStepLR":
        return float(max(one.given["milestones"], default=0))
    return float(one.given.get("total_iters", math.inf))


def changing(one: Made) -> Schedule | None:
    """Return what a scheduler multiplies the rate by at each step, if there is a formula."""
    if one.name == "StepLR" and one.given["step_size"] > 1:
        size = one.given["step_size"]
        return Constant(1.0, size) >> Piecewise([one.given["gamma"], 1.0], [1], size).repeat()
    end = 0 if one.name == "StepLR" else settled(one)
    if end > LONGEST or isinstance(one.curve, Strict):
        return None
    return table([change(one, t) for t in range(int(end) + 2)])


def bouncing(members: Sequence[Made], wave: Made, lr: float) -> Schedule | None:
    """Return what schedulers and one `CosineAnnealingLR` make together, if there is a formula.

    At each end of a wave it brings the rate to its floor, whatever the others did: from there on
    all repeats itself.
    """
    others = [m for m in members if m is not wave]
    steps, floor = wave.given["T_max"], wave.given["eta_min"]
    sizes = [m.given["step_size"] for m in others if m.name == "StepLR"]
    ends = [settled(m) for m in others if m.name != "StepLR"]
    end = max(ends, default=0)
    constant = not sizes and all(m.name != "ExponentialLR" for m in others)
    if constant and floor == 0 and end <= steps:
        product = reduce(mul, (at_rate(m, 1.0) for m in others), at_rate(wave, lr))
        if all(at_rate(m, 1.0)(steps) == 1 for m in others):
            return product
        return product.take(steps) >> Cosine(0.0, lr, steps).bounce()
    if end > LONGEST or any(isinstance(m.curve, Strict) for m in others):
        return None
    low = steps + 2 * steps * ((int(end) - steps) // (2 * steps) + 1)
    period = math.lcm(2 * steps, *sizes)
    if low + period > LONGEST:
        return None
    rate = Recurrence(members, lr)
    rates = [rate(t) for t in range(low + 1 + period)]
    if min(rates) < 0:
        return None
    if constant:
        return table(rates[: low + 1]) >> Cosine(floor, lr, steps).bounce()
    return table(rates[: low + 1]) >> table(rates[low:]).repeat()


def table(rates: Sequence[float]) -> Schedule:
    """Return rates step by step; the last one holds."""
    return Table(rates, [*range(len(rates))])


def change(one: Made, t: int) -> float:
    """Return what a scheduler multiplies the rate by at a step."""
    given = one.given
    if t == 0:
        return float(at_rate(one, 1.0)(0))
    if one.name == "ExponentialLR":
        return float(given["gamma"])
    if one.name == "MultiplicativeLR":
        return float(given["lr_lambda"](t))
    if one.name == "StepLR":
        return 1.0 if t % given["step_size"] else float(given["gamma"])
    if one.name == "MultiStepLR":
        return float(given["gamma"] ** list(given["milestones"]).count(t))
    total = given["total_iters"]
    if one.name == "ConstantLR":
        if t == total and given["factor"] == 0:
            raise ScheduleError(f"torch.ConstantLR: a `factor` of 0 has no way back at step {t}")
        return 1.0 / given["factor"] if t == total else 1.0
    if t > total:
        return 1.0
    if one.name == "PolynomialLR":
        ratio: float = (1.0 - t / total) / (1.0 - (t - 1) / total)
        return float(ratio ** given["power"])
    start, end = given["start_factor"], given["end_factor"]
    rate: float = 1.0 + (end - start) / (total * start + (t - 1) * (end - start))
    return max(0.0, rate)  # which rounding may put below


class Recurrence:
    """The rate of several schedulers step by step, each from the rate that the last one left."""

    __name__ = "ChainedScheduler"

    def __init__(self, members: Sequence[Made], lr: float) -> None:
        self.members = [(m, at_rate(m, lr)) for m in members]
        self.lr = lr
        self.rates: list[float] = []
        self.lock = Lock()

    def __call__(self, step: float) -> float:
        """Return the rate at a step."""
        with self.lock:
            while len(self.rates) <= step:
                t = len(self.rates)
                before: float = self.rates[-1] if t else self.lr
                rate = before
                for one, curve in self.members:
                    rate = self.after(one, curve, rate, t)
                # where it comes to 0, rounding may put it below
                tiny = 1e-15 * max(abs(before), self.lr)
                self.rates.append(0.0 if -tiny < rate < 0 else rate)
        return self.rates[int(step)]

    def after(self, one: Made, curve: Schedule, rate: float, t: int) -> float:
        """Return the rate after one of the schedulers."""
        if one.name in SETTERS:
            return float(curve(t))
        if one.name == "SWALR":
            return annealed(one, rate, t)
        if one.name == "CosineAnnealingLR":
            if t == 0:
                return rate
            steps, floor = one.given["T_max"], one.given["eta_min"]
            if (t - 1 - steps) % (2 * steps) == 0:
                return float(rate + (self.lr - floor) * (1 - math.cos(math.pi / steps)) / 2)
            now = 1 + math.cos(math.pi * t / steps)
            before = 1 + math.cos(math.pi * (t - 1) / steps)
            return float(now / before * (rate - floor) + floor)
        return rate * change(one, t)


def annealed(one: Made, rate: float, t: int) -> float:
    """Return the rate after `SWALR`: it finds the one that it began with by its own way so far."""
    end, steps = one.given["swa_lr"], one.given["anneal_epochs"]
    way = Cosine if one.given["anneal_strategy"] == "cos" else Linear
    if steps == 0 or t > steps:
        return float(end)
    done = way(0.0, 1.0, steps)
    before, now = done(max(0, t - 1)), done(t)
    return float(end * now + (rate - before * end) / (1 - before) * (1 - now))
