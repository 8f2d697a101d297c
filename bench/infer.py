"""Prints how many random schedules are found again from their logs: `python bench/infer.py`.

Half of the schedules are one to four random parts, half are what trainings use: a warm-up, a hold,
a decay, a floor; levels, restarts, one cycle. Lengths and rates are round, or not. A log has 40 to
2,000 rows: every step, at even steps or at uneven ones, some beyond the end. It is read as float64,
as float32 and with four digits; how exact its rates are is not said.

Curves are the same but for rounding for float64, within a unit of the last digit else: at every
step from the first row to the last; at all that the log tells (not those between two rows between
which the rate jumps: the answer must say that interval); at the rows. Seconds are the processor's.
"""

import argparse
import math
import random
import time
from collections import Counter
from typing import Any

import numpy as np

import glissando as gl
from glissando.inference.answer import Inference

SHAPES = ("constant", "linear", "cosine", "sqrt", "square", "root", "exponential", "decay", "steps")
DECAYS = ("linear", "cosine", "sqrt", "square", "root", "exponential", "decay", "rex", "0.9")
POWERS = {"square": 2.0, "root": 0.5, "cube": 3.0, "0.9": 0.9}
ROUND = (200, 250, 300, 400, 500, 750, 1000, 1500, 2000, 3000, 5000)
SPACES = (1, 2, 5, 10, 20, 25, 50, 100, 200, 500, 1000)
LOGS = {"float64": 1e-9, "float32": 2.0**-23, "4 digits": 1e-3}


class Chance(random.Random):
    """Random rates and lengths, round ones or rough ones."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.rough = self.random() < 0.3
        self.small = self.random() < 0.3  # logged at every step

    def rate(self) -> float:
        """Return a peak."""
        if self.rough:
            return 10 ** self.uniform(-5, -1)
        return float(f"{self.choice([1, 2, 3, 5, 1.5, 6, 8])}e{self.randint(-5, -1)}")

    def steps(self) -> int:
        """Return the length of a part."""
        low, high = (20, 400) if self.small else (200, 5000)
        if self.rough:
            return self.randint(low, high)
        return self.choice(ROUND) // (10 if self.small else 1)

    def share(self, rate: float, *shares: float) -> float:
        """Return a share of a rate, written with three digits unless rates are rough."""
        part = rate * self.choice(shares)
        return part if self.rough else float(f"{part:.3g}")


def schedule_of(seed: int) -> gl.Schedule:
    """Return a random schedule of one to four parts."""
    chance = Chance(seed)
    kinds = [pieces, training, levels, restarts, one_cycle]
    parts: list[gl.Schedule] = chance.choices(kinds, [50, 30, 8, 6, 6])[0](chance)
    return parts[0] if len(parts) == 1 else gl.Chain(parts)


def pieces(chance: Chance) -> list[gl.Schedule]:
    """Return parts of any shape, joined or not."""
    count = chance.randint(1, 4)
    peak = chance.rate()
    rate = 0.0 if count > 1 and chance.random() < 0.5 else peak
    parts: list[gl.Schedule] = []
    before = ""
    for i in range(count):
        steps = chance.steps()
        if i == 0 and rate == 0:
            parts.append(gl.Linear(0.0, peak, steps))
            rate, before = peak, "linear"
            continue
        if chance.random() < 0.1:
            rate = peak
        shape = chance.choice([shape for shape in SHAPES if shape != before])
        end = chance.share(rate, 0.5, 0.2, 0.1, 0.05) if chance.random() < 0.7 else 0.0
        parts.append(part_of(shape, rate, end, steps, chance))
        rate, before = parts[-1](steps), shape
        if rate <= 0:
            rate = float(f"{peak / 2:.2g}")
        if shape in ("decay", "steps") and i < count - 1:
            rate = float(f"{rate:.2g}")
    return parts


def training(chance: Chance) -> list[gl.Schedule]:
    """Return a warm-up, perhaps a hold, a decay, perhaps to a floor that stays."""
    peak, steps = chance.rate(), max(chance.steps() // chance.choice([1, 2, 5]), 8)
    start = chance.choice([0.0, 0.0, peak / steps, chance.share(peak, 0.1, 0.01, 0.001, 1 / 3)])
    if start == peak / steps:
        steps -= 1
    shape = chance.choice(["linear", "linear", "linear", "cosine", "exponential"])
    parts = [part_of(shape, start or peak / 100 * (shape == "exponential"), peak, steps, chance)]
    if chance.random() < 0.4:
        parts.append(gl.Constant(peak, chance.steps()))
    floor = chance.choice([0.0, 0.0, chance.share(peak, 0.1, 0.01, 0.05), 1e-6 * (peak > 1e-5)])
    steps = chance.steps() * chance.choice([1, 2])
    parts.append(part_of(chance.choice(DECAYS), peak, floor, steps, chance))
    return parts


def levels(chance: Chance) -> list[gl.Schedule]:
    """Return levels of one ratio, at milestones or after one length, perhaps with a warm-up."""
    peak, ratio, count = chance.rate(), chance.choice([0.1, 0.1, 0.5, 0.2]), chance.randint(1, 3)
    rates = [peak * ratio**i for i in range(count + 1)]
    lengths = [chance.steps() for _ in rates]
    if chance.random() < 0.4:
        return [gl.Staircase(peak, ratio, lengths[0]).take(lengths[0] * (count + 1))]
    places = [sum(lengths[: i + 1]) for i in range(count)]
    stairs = gl.Piecewise(rates, places, sum(lengths))
    return [stairs] if chance.random() < 0.6 else [gl.Linear(0.0, peak, chance.steps()), stairs]


def restarts(chance: Chance) -> list[gl.Schedule]:
    """Return cosines that begin anew, each as long or longer, as high or lower."""
    peak, steps, floor = chance.rate(), chance.steps(), chance.choice([0.0, 0.01])
    times, part = chance.choice([1, 2]), chance.choice([1.0, 1.0, 0.5])
    return [
        gl.Cosine(peak * part**i, chance.share(peak, floor), steps * times**i)
        for i in range(chance.randint(2, 4))
    ]


def one_cycle(chance: Chance) -> list[gl.Schedule]:
    """Return a rise from a share of the peak and a fall to far below."""
    peak, steps, kind = chance.rate(), chance.steps(), chance.choice([gl.Linear, gl.Cosine])
    start, up = peak / chance.choice([10, 25]), chance.choice([0.3, 0.25, 0.5])
    up = max(round(up * steps), 4)
    return [kind(start, peak, up), kind(peak, start / chance.choice([1, 1e4]), steps)]


def part_of(shape: str, start: float, end: float, steps: int, chance: Chance) -> gl.Schedule:
    """Return a part of a schedule."""
    if shape == "constant":
        return gl.Constant(start, steps)
    if shape == "decay":
        rate = float(f"{chance.uniform(0.5, 3) / steps:.1g}")
        if chance.random() < 0.3:
            return gl.InverseSqrt(start, max(steps // chance.randint(1, 5), 1)).take(steps)
        return chance.choice([gl.InverseTime, gl.Exponential])(start, rate).take(steps)
    if shape == "steps":
        every, count = chance.steps() // 2, chance.randint(2, 3)
        return gl.Staircase(start, 0.5, every).take(every * count)
    if shape == "exponential" and start > end:
        return gl.LogLinear(start, end or start / 100, steps)
    if shape == "exponential":
        return gl.LogLinear(end, start, steps).reverse()
    if shape in POWERS:
        return gl.Polynomial(start, end, steps, POWERS[shape])
    made = {"linear": gl.Linear, "cosine": gl.Cosine, "sqrt": gl.Sqrt, "rex": gl.Rex}
    return made[shape](start, end, steps)


def log_of(schedule: gl.Schedule, seed: int, kind: str) -> tuple[Any, Any]:
    """Return steps and rates as a log of a schedule holds them."""
    chance = random.Random(-1 - seed)
    total = int(min(schedule.steps, 20_000))
    if chance.random() < 0.15:
        total += total // 10
    rows = chance.randint(40, chance.choice([200, 200, 1000]))
    if total <= 2000 and (total < 800 or chance.random() < 0.3):
        steps = np.arange(total)
    elif chance.random() < 0.15:
        steps = np.array(sorted({0, *chance.sample(range(total), rows)}))
    else:
        every = max(1, total // rows)
        if chance.random() < 0.5:
            every = max(space for space in SPACES if space <= every)
        steps = np.arange(chance.choice([0, 0, every]), total, every)
    rates = np.array([schedule(int(step)) for step in steps])
    if kind == "float32":
        return steps, rates.astype(np.float32).astype(float)
    return steps, rates if kind == "float64" else np.array([float(f"{rate:.3e}") for rate in rates])


def exactly(answer: Inference, schedule: gl.Schedule, steps: Any, kind: str) -> list[bool]:
    """Return whether curves are the same at every step, at those that the log tells, and its own.

    Of a jump between two rows no log tells the step: the answer must say between which it lies.
    """
    every = np.arange(steps[0], steps[-1] + 1)
    a, b = np.asarray(answer.schedule(every)), np.asarray(schedule(every))
    near = 1e-9 * b.max() * np.ones(len(b))
    if kind != "float64":
        near = np.maximum(LOGS[kind] * 10 ** np.ceil(np.log10(np.maximum(b, 1e-300))), 1e-12)
    apart = np.abs(a - b) > near
    same, rows = not apart.any(), not apart[steps - steps[0]].any()
    said = {(number.low, number.high) for number in answer.numbers}
    for low, high in hidden(schedule, steps):
        if (low + 1, high) in said:
            apart[low + 1 - steps[0] : high - steps[0]] = False
    return [same, not apart.any(), rows]


def hidden(schedule: gl.Schedule, steps: Any) -> list[tuple[int, int]]:
    """Return the rows between which the rate jumps, at a step that has no row before or at it."""
    found = []
    for step in schedule.breaks():
        if step > steps[-1]:
            break
        after = int(np.searchsorted(steps, step))
        left, right = schedule(math.nextafter(step, 0)), schedule(step)
        if after and abs(left - right) > 1e-6 * max(left, right):
            found.append((int(steps[after - 1]), int(steps[after])))
    return found


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("count", nargs="?", type=int, default=1000)
    parser.add_argument("--first", type=int, default=0, help="the first one's seed")
    parser.add_argument("--log", choices=LOGS, help="only this kind of log")
    parser.add_argument("--show", choices=["every", "told"], help="show those that are not found")
    options = parser.parse_args()
    print("| log | schedules | every step | all it tells | its rows | tables | s, median | most |")
    print("|---|---|---|---|---|---|---|---|")
    for kind in [options.log] if options.log else LOGS:
        counts: Counter[str] = Counter()
        times = []
        for seed in range(options.first, options.first + options.count):
            schedule = schedule_of(seed)
            steps, rates = log_of(schedule, seed, kind)
            begin = time.process_time()
            answer = gl.infer(steps, rates)
            times.append(time.process_time() - begin)
            same, told, rows = exactly(answer, schedule, steps, kind)
            counts.update(every=same, told=told, rows=rows, table=answer.kind == "table")
            if (options.show == "told" and not told) or (options.show == "every" and not same):
                print(f"{seed} {kind} {answer.kind} {told=} {len(steps)} rows, {steps[1]} apart")
                print(f"  {schedule}\n  {str(answer.schedule)[:300]}", flush=True)
        each = [f"{counts[name] / options.count:.1%}" for name in ("every", "told", "rows")]
        print(
            f"| {kind} | {options.count:,} | {' | '.join(each)} | {counts['table']} "
            f"| {np.median(times):.2f} | {max(times):.1f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
