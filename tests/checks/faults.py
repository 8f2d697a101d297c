"""Runs simulated update by update, with and without a fault, and logged as real logs are."""

import math
import random
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

import glissando as gl
from glissando.logs.logged import LoggedRates
from glissando.schedule import Schedule

FORMATS = ("float64", "float32", "6 digits", "4 digits", "%.3E")


class Plan(NamedTuple):
    """A schedule by its numbers."""

    kind: str
    peak: float
    warm: int
    end: int
    floor: float
    stable: int  # where the last decay begins

    def rate(self, k: float) -> float:
        """Return the rate of update k, written without the library."""
        if k < self.warm:
            return self.peak * max(k, 0) / self.warm
        if self.kind == "step":
            passed = sum(k >= self.warm + self.milestone * i for i in range(1, 4))
            return float(self.peak * 0.1**passed)
        begin = self.stable if self.kind == "wsd" else self.warm
        x = min(max((k - begin) / (self.end - begin), 0.0), 1.0)
        left = (1 + math.cos(math.pi * x)) / 2 if self.kind == "cosine" else 1 - x
        return self.floor + (self.peak - self.floor) * left

    @property
    def milestone(self) -> int:
        """After how many updates each the rate of a staircase drops."""
        return max((self.end - self.warm) // 4, 1)

    def schedule(self) -> Schedule:
        """Return the schedule that is meant."""
        rest: Schedule
        if self.kind == "step":
            values = [self.peak * 0.1**i for i in range(4)]
            rest = gl.Piecewise(values, [self.milestone * i for i in (1, 2, 3)])
        elif self.kind == "wsd":
            rest = gl.Constant(self.peak, self.stable - self.warm) >> gl.Linear(
                self.peak, self.floor, self.end - self.stable
            )
        else:
            family = gl.Cosine if self.kind == "cosine" else gl.Linear
            rest = family(self.peak, self.floor, self.end - self.warm)
        return gl.Linear(0.0, self.peak, self.warm) >> rest if self.warm else rest


class Case(NamedTuple):
    """A log, the schedule that was meant, what is said of the run, and the fault's name."""

    log: LoggedRates
    meant: Schedule
    options: dict[str, int]
    fault: str
    details: dict[str, Any]


def plan(random: random.Random, kind: str = "", *, floor: bool = False, warm: bool = False) -> Plan:
    """Return a random schedule."""
    kind = kind or random.choice(["cosine", "cosine", "linear", "wsd", "step"])
    end = random.randint(150, 3_000)
    peak = random.choice([1e-4, 3e-4, 1e-3, 2e-5, 0.1, 5e-5, 6e-4])
    warmup = random.choice([0, end // 20, end // 10, 10, 37])
    if warm or kind == "step":
        warmup = warmup or end // 10
    low = peak * random.choice([0.1, 0.01, 0.05]) if floor or random.random() < 0.4 else 0.0
    stable = warmup + int((end - warmup) * random.choice([0.5, 0.7, 0.8]))
    return Plan(kind, peak, warmup, end, low if kind != "step" else 0.0, stable)


Fault = Callable[[random.Random], tuple[Plan, list[float], dict[str, int], dict[str, Any]]]


def _run(count: int, rate: Callable[[int], float]) -> list[float]:
    return [rate(k) for k in range(count)]


def shifted(r: random.Random) -> Any:
    p, late = plan(r), r.choice([-25, -10, -5, -4, 4, 6, 12, 50])
    return p, _run(p.end, lambda k: p.rate(max(k - late, 0))), {}, {"late": late}


def epochs(r: random.Random) -> Any:
    p, n = plan(r), r.choice([10, 20, 29])
    options = {"per_epoch": n} if r.random() < 0.5 else {}
    return p, _run(p.end, lambda k: p.rate(k // n)), options, {"per_epoch": n}


def once_a_process(r: random.Random) -> Any:
    p, n = plan(r), r.choice([2, 4, 8])
    options = {"world_size": n} if r.random() < 0.5 else {}
    return p, _run(p.end, lambda k: p.rate(n * k)), options, {"times": n}


def not_divided(r: random.Random) -> Any:
    p, n = plan(r, r.choice(["cosine", "linear"])), r.choice([2, 4, 8])
    longer = p._replace(end=p.end * n, warm=p.warm * n if r.random() < 0.5 else p.warm)
    return p, _run(p.end, longer.rate), {"accumulation": n}, {"times": n}


def skipped(r: random.Random) -> Any:
    p = plan(r, r.choice(["cosine", "linear"]))
    at = {r.randint(5, p.end - p.end // 4) for _ in range(r.randint(1, 4))}
    rates, t = [], 0
    for k in range(p.end):
        rates.append(p.rate(t))
        t += k not in at
    return p, rates, {}, {"skipped": len(at)}


def warm_again(r: random.Random) -> Any:
    p = plan(r, r.choice(["cosine", "linear", "wsd"]), warm=True)
    at = r.randint(p.warm + 10, p.end // 2)
    if r.random() < 0.5:
        return p, _run(p.end, lambda k: p.rate(k if k < at else k - at)), {}, {"since": at}

    def rate(k: int) -> float:
        again = at <= k < at + p.warm
        return p.peak * (k - at) / p.warm if again else p.rate(k)

    return p, _run(p.end, rate), {}, {"since": at}


def old_horizon(r: random.Random) -> Any:
    p = plan(r, r.choice(["cosine", "linear"]))
    old = p._replace(end=int(p.end * r.choice([0.55, 0.6, 0.75])))
    at = r.choice([0, old.end // 2])
    return p, _run(p.end, lambda k: (old if k >= at else p).rate(k)), {}, {"end": old.end}


def rewarmed(r: random.Random) -> Any:
    p = plan(r, r.choice(["cosine", "linear"]))
    at = r.randint(p.warm + 20, p.end // 2)
    long = r.choice([15, 40]) + (p.warm in (15, 40))
    begin = p.rate(at)
    after = p._replace(warm=0, end=p.end - at - long)

    def rate(k: int) -> float:
        if k < at:
            return p.rate(k)
        if k < at + long:
            return begin + (p.peak - begin) * (k - at) / long
        return after.rate(k - at - long)

    return p, _run(p.end, rate), {}, {"since": at}


def scaled(r: random.Random) -> Any:
    p, n = plan(r), r.choice([2, 4, 8, 16, 32])
    other = p._replace(peak=p.peak * r.choice([n, math.sqrt(n)]))
    if r.random() < 0.5:
        other = other._replace(floor=p.floor * other.peak / p.peak)
    return p, _run(p.end, other.rate), {"world_size": n}, {}


def no_floor(r: random.Random) -> Any:
    p = plan(r, r.choice(["cosine", "linear", "wsd"]), floor=True)
    return p, _run(p.end, p._replace(floor=0.0).rate), {}, {}


def bounced(r: random.Random) -> Any:
    p = plan(r, r.choice(["cosine", "linear"]))
    count = p.end + p.end // 3

    def rate(k: int) -> float:
        return p.rate(k if k <= p.end else 2 * p.end - k)

    return p, _run(count, rate), {}, {}


def milestone(r: random.Random) -> Any:
    p = plan(r, "step")
    p = p._replace(warm=max(p.warm, p.end // 10))
    low = p.peak * 0.1
    meant = gl.Linear(0.0, p.peak, p.warm) >> gl.Constant(low, p.end - p.warm)
    rates = _run(p.end, lambda k: low * min(k / p.warm, 1))
    return meant, rates, {}, {}


def same_name(r: random.Random) -> Any:
    p = plan(r, r.choice(["cosine", "linear"]))
    other = p._replace(kind="linear" if p.kind == "cosine" else "cosine")
    if r.random() < 0.4:
        other = p._replace(floor=p.floor + p.peak * r.choice([0.02, 0.03]))
    return p, _run(p.end, other.rate), {}, {}


def by_hand(r: random.Random) -> Any:
    p = plan(r, r.choice(["cosine", "linear", "wsd"]))
    at = r.randint(p.warm + 10, 2 * p.end // 3)
    factor = r.choice([0.5, 0.3, 0.1, 2.0])
    constant = p.peak * r.choice([0.37, 0.11])
    hand = r.random() < 0.5
    changed = (lambda k: constant) if hand else (lambda k: factor * p.rate(k))
    return p, _run(p.end, lambda k: p.rate(k) if k < at else changed(k)), {}, {"since": at}


FAULTS: dict[str, Any] = {
    "shifted": shifted,
    "epochs for updates": epochs,
    "advanced once a process": once_a_process,
    "accumulation not divided": not_divided,
    "skipped updates": skipped,
    "warm-up repeated": warm_again,
    "resumed on the old horizon": old_horizon,
    "rewarmed": rewarmed,
    "peak scaled": scaled,
    "floor missing": no_floor,
    "bounced past the end": bounced,
    "milestone inside the warm-up": milestone,
    "another schedule of the same name": same_name,
    "changed by hand": by_hand,
}


def written(rates: Any, form: str) -> tuple[Any, Any]:
    """Return rates as a format keeps them, and half of what its last digit stands for."""
    if form == "float64":
        return rates, np.abs(rates) * 4 * np.finfo(float).eps + 1e-12 * np.abs(rates)
    if form == "float32":
        single = rates.astype(np.float32)
        return single.astype(float), np.spacing(single).astype(float) / 2
    digits = {"6 digits": 5, "4 digits": 3, "%.3E": 3}[form]
    texts = [f"{rate:.{digits}e}" for rate in rates]
    half = [0.5 * 10.0 ** (int(text.partition("e")[2]) - digits) for text in texts]
    return np.array([float(text) for text in texts]), np.array(half)


def logged(r: random.Random, rates: list[float], form: str) -> LoggedRates:
    """Return a log of rates: every so many updates, with gaps, duplicates and disorder."""
    every = r.choice([1, 1, 2, 5, 10]) if len(rates) > 400 else r.choice([1, 2])
    lags = r.choice([(1, 0), (0, 1), (0,), (1,)])
    lag = r.choice(lags)
    updates = np.arange(0, len(rates), every)
    if r.random() < 0.3:
        hole = r.randint(0, len(updates) - len(updates) // 10 - 1)
        updates = np.delete(updates, np.arange(hole, hole + len(updates) // 20))
    if r.random() < 0.3:
        more = r.sample(range(len(updates)), k=max(1, len(updates) // 10))
        updates = np.concatenate([updates, updates[sorted(more)]])
        if r.random() < 0.5:
            updates = np.sort(updates)
    if r.random() < 0.3:
        for _ in range(4):
            i = r.randrange(len(updates) - 1)
            updates[[i, i + 1]] = updates[[i + 1, i]]
    values, resolutions = written(np.array(rates)[updates], form)
    lines = np.arange(1, len(updates) + 1)
    return LoggedRates((updates + lag).astype(float), values, resolutions, lines, form, lags)


def case(seed: int, fault: str = "") -> Case:
    """Return a seeded run with a fault, or without one."""
    r = random.Random(f"{seed} {fault}")
    form = FORMATS[seed % len(FORMATS)]
    if fault:
        made, rates, options, details = FAULTS[fault](r)
    else:
        made, options, details = plan(r), {}, {}
        rates = _run(r.randint(made.end // 2, made.end + 20), made.rate)
    meant = made if isinstance(made, Schedule) else made.schedule()
    return Case(logged(r, rates, form), meant, options, fault, details)
