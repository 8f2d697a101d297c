"""Prints how many random schedules are found again from their logs: `python bench/infer.py`.

A schedule has one to four parts of random shapes, lengths and rates; its log has 40 to 200 rows, at
even steps, once as float64 and once with four digits. Curves are the same but for rounding for
float64, within the four digits' resolution else: at every step from the first row to the last, at
all but those between two rows between which the rate jumps, where no log tells at which step, or at
the rows. Seconds are those of the processor.
"""

import argparse
import math
import random
import time
from collections import Counter
from typing import Any

import numpy as np

import glissando as gl
from glissando.inference.infer import infer

SHAPES = ("constant", "linear", "cosine", "sqrt", "square", "root", "exponential", "decay", "steps")


def schedule_of(chance: random.Random) -> gl.Schedule:
    """Return a random schedule of one to four parts."""
    count = chance.randint(1, 4)
    rough = chance.random() < 0.3  # rates and lengths that are not round
    peak = rate_of(chance, rough)
    rate = 0.0 if count > 1 and chance.random() < 0.5 else peak
    parts: list[gl.Schedule] = []
    before = ""
    for i in range(count):
        steps = length_of(chance, rough)
        if i == 0 and rate == 0:
            parts.append(gl.Linear(0.0, peak, steps))
            rate, before = peak, "linear"
            continue
        if chance.random() < 0.1:
            rate = peak
        shape = chance.choice([shape for shape in SHAPES if shape != before])
        end = rate * chance.choice([0.5, 0.2, 0.1, 0.05]) if chance.random() < 0.7 else 0.0
        end = float(f"{end:.3g}") if not rough else end
        parts.append(part_of(shape, rate, end, steps, chance))
        rate, before = parts[-1](steps), shape
        if rate <= 0:
            rate = float(f"{peak / 2:.2g}")
        if shape in ("decay", "steps") and i < count - 1:
            rate = float(f"{rate:.2g}")
    return parts[0] if len(parts) == 1 else gl.Chain(parts)


def part_of(shape: str, start: float, end: float, steps: int, chance: random.Random) -> gl.Schedule:
    """Return a part of a schedule."""
    if shape == "constant":
        return gl.Constant(start, steps)
    if shape == "decay":
        kind = chance.choice([gl.InverseTime, gl.Exponential])
        rate = float(f"{chance.uniform(0.5, 3) / steps:.1g}")
        return kind(start, rate).take(steps)
    if shape == "steps":
        return gl.Staircase(start, 0.5, max(1, steps // 3)).take(steps)
    if shape == "exponential":
        return gl.LogLinear(start, end or start / 100, steps)
    if shape in ("square", "root"):
        return gl.Polynomial(start, end, steps, {"square": 2.0, "root": 0.5}[shape])
    return {"linear": gl.Linear, "cosine": gl.Cosine, "sqrt": gl.Sqrt}[shape](start, end, steps)


def rate_of(chance: random.Random, rough: bool) -> float:
    """Return a peak."""
    if rough:
        return 10 ** chance.uniform(-5, -1)
    return float(f"{chance.choice([1, 2, 3, 5, 1.5, 6, 8])}e{chance.randint(-5, -1)}")


def length_of(chance: random.Random, rough: bool) -> int:
    """Return a number of steps."""
    if rough:
        return chance.randint(200, 5000)
    return chance.choice([200, 250, 300, 400, 500, 750, 1000, 1500, 2000, 3000, 5000])


def log_of(schedule: gl.Schedule, chance: random.Random, digits: int | None) -> Any:
    """Return steps, rates and resolutions as a log of a schedule holds them."""
    total = int(min(schedule.steps, 20_000))
    every = max(1, total // chance.randint(40, 200))
    steps = np.arange(0, total, every)
    rates = np.array([schedule(int(step)) for step in steps])
    if digits is None:
        return steps, rates, np.zeros(len(rates))
    rates = np.array([float(f"{rate:.{digits - 1}e}") for rate in rates])
    return steps, rates, half_units(rates, digits)


def half_units(rates: Any, digits: int) -> Any:
    """Return half a unit of the last of some digits."""
    scale = np.floor(np.log10(np.where(rates > 0, rates, 1.0)))
    return np.where(rates > 0, 0.5 * 10.0 ** (scale - digits + 1), 0.0)


def exactly(
    found: gl.Schedule, schedule: gl.Schedule, steps: Any, digits: int | None
) -> tuple[bool, bool, bool]:
    """Return whether curves are the same at every step, at those that the log tells, and its own.

    Between two rows between which the rate jumps no log tells at which step it does.
    """
    every = np.arange(steps[-1] + 1)
    a, b = np.asarray(found(every)), np.asarray(schedule(every))
    near = 1e-9 * b.max() * np.ones(len(b))
    if digits is not None:
        near = np.maximum(2 * half_units(b, digits), 1e-12)
    apart = np.abs(a - b) > near
    told = ~between_jumps(schedule, steps)
    return not apart.any(), not (apart & told).any(), not apart[steps].any()


def between_jumps(schedule: gl.Schedule, steps: Any) -> Any:
    """Return which steps lie between two rows between which the rate jumps."""
    hidden = np.zeros(steps[-1] + 1, bool)
    for step in schedule.breaks():
        if step > steps[-1]:
            break
        after = int(np.searchsorted(steps, step))
        left, right = schedule(math.nextafter(step, 0)), schedule(step)
        if after and abs(left - right) > 1e-6 * max(left, right):
            hidden[steps[after - 1] + 1 : steps[after]] = True
    return hidden


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("count", nargs="?", type=int, default=1000)
    parser.add_argument("--show", action="store_true", help="show each that is not found")
    options = parser.parse_args()
    print(
        "| log | schedules | every step | all it tells | its rows | tables | s each | s at most |"
    )
    print("|---|---|---|---|---|---|---|---|")
    for digits in (None, 4):
        counts: Counter[str] = Counter()
        times = []
        for seed in range(options.count):
            chance = random.Random(seed)
            schedule = schedule_of(chance)
            steps, rates, near = log_of(schedule, chance, digits)
            begin = time.process_time()
            answer = infer(steps, rates, resolution=near)
            times.append(time.process_time() - begin)
            same, told, rows = exactly(answer.schedule, schedule, steps, digits)
            counts["exact"] += same
            counts["told"] += told
            counts["rows"] += rows
            counts["table"] += answer.kind == "table"
            if options.show and not told:
                print(
                    f"{seed} {digits} {answer.kind}\n  {schedule}\n  {str(answer.schedule)[:300]}"
                )
        print(
            f"| {'float64' if digits is None else f'{digits} digits'} | {options.count:,} "
            f"| {counts['exact'] / options.count:.1%} | {counts['told'] / options.count:.1%} "
            f"| {counts['rows'] / options.count:.1%} "
            f"| {counts['table']} | {np.mean(times):.2f} | {max(times):.1f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
