"""Print how fast Glissando is, as ratios to a hand-written function, lrsched and optax.

Every figure of a row is measured in turns in this one run, so that a machine whose speed drifts
changes both sides alike. Run it with `make bench`.
"""

import argparse
import json
import math
import os
import subprocess
import sys
import timeit
import tracemalloc
from bisect import bisect_right
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import lrsched
import numpy as np
import optax
import torch
from torch.optim import lr_scheduler
from tqdm import tqdm

import glissando as gl

PEAK, END, WARMUP, STEPS = 1e-3, 1e-5, 500, 10_000


# the numbers of the scalar functions are literals: nothing by hand is faster


def by_hand(t: int) -> float:
    if t < 500:
        return 1e-3 * t / 500
    if t >= 10_000:
        return 1e-5
    return 1e-5 + (1e-3 - 1e-5) * (1 + math.cos(math.pi * (t - 500) / 9_500)) / 2


def cosine_by_hand(t: int) -> float:
    if t >= 10_000:
        return 1e-5
    return 1e-5 + (1e-3 - 1e-5) * (1 + math.cos(math.pi * t / 10_000)) / 2


def array_by_hand(t: Any, steps: int) -> Any:
    way = (t - WARMUP) / (steps - WARMUP)
    decay = END + (PEAK - END) * (1 + np.cos(np.pi * way)) / 2
    return np.where(t < WARMUP, PEAK * t / WARMUP, np.where(t < steps, decay, END))


def warmup_cosine(steps: int) -> gl.Schedule:
    return gl.Linear(0.0, PEAK, steps=WARMUP) >> gl.Cosine(PEAK, END, steps=steps - WARMUP)


def wsd(steps: int) -> gl.Schedule:
    flat = gl.Constant(PEAK, steps=steps - WARMUP - steps // 10)
    return gl.Linear(0.0, PEAK, steps=WARMUP) >> flat >> gl.Linear(PEAK, END, steps=steps // 10)


def wsd_by_hand(t: Any, steps: int) -> Any:
    last = steps - steps // 10
    decay = PEAK + (END - PEAK) * (t - last) / (steps // 10)
    flat = np.where(t < last, PEAK, np.where(t < steps, decay, END))
    return np.where(t < WARMUP, PEAK * t / WARMUP, flat)


def sgdr(cycles: int) -> gl.Schedule:
    """Return warm restarts, each cycle a step longer than the one before."""
    return gl.Chain([gl.Cosine(PEAK, END, steps=100 + n) for n in range(cycles)])


def table_by_hand(points: Any, knots: Any) -> Callable[[int], float]:
    rates, steps = points.tolist(), knots.tolist()

    def rate(t: int) -> float:
        if t <= steps[0]:
            return rates[0]
        if t >= steps[-1]:
            return rates[-1]
        i = bisect_right(steps, t)
        low, start = rates[i - 1], steps[i - 1]
        return low + (rates[i] - low) * (t - start) / (steps[i] - start)

    return rate


def in_turns(calls: dict[str, Callable[[], Any]], rounds: int) -> dict[str, float]:
    """Return each call's best time in seconds, the calls taking turns."""
    best = dict.fromkeys(calls, math.inf)
    for _ in range(rounds):
        for name, call in calls.items():
            best[name] = min(best[name], timeit.timeit(call, number=1))
    return best


def in_many_turns(
    calls: dict[str, tuple[str, dict[str, Any]]], rounds: int = 100, number: int = 200
) -> dict[str, float]:
    """Return the best time in seconds of each piece of code, given with its names."""
    best = dict.fromkeys(calls, math.inf)
    for _ in range(rounds):
        for name, (code, names) in calls.items():
            seconds = timeit.timeit(code, globals=names, number=number) / number
            best[name] = min(best[name], seconds)
    return best


def scalar(calls: dict[str, tuple[Callable[[int], float], int]]) -> dict[str, float]:
    """Return each f(t)'s best time in seconds, without the cost of a closure around it."""
    codes = {name: ("f(t)", {"f": f, "t": t}) for name, (f, t) in calls.items()}
    return in_many_turns(codes, rounds=60, number=20_000)


def start_up(code: str) -> Callable[[], Any]:
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    command = [sys.executable, "-c", code]
    return lambda: subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL)


def in_jit(rate: Callable[[Any], Any]) -> Callable[[], Any]:
    """Return a compiled loop over a million steps, compiled already."""
    loop = jax.jit(lambda: jax.lax.fori_loop(0, 1_000_000, lambda k, x: x + rate(k), jnp.zeros(())))
    loop()
    return lambda: loop().block_until_ready()


class Idle(torch.optim.Optimizer):
    """An optimizer whose updates do nothing."""

    def step(self, closure: Any = None) -> None:
        pass


def torch_schedulers(groups: int) -> dict[str, tuple[Idle, Any]]:
    """Return optimizers with their schedulers, each after its first update."""
    steps = 3_000_000
    found = {}
    for name, make in {
        "no scheduler": lambda _: None,
        "glissando": lambda idle: gl.torch.Scheduler(idle, gl.Cosine(PEAK, END, steps=steps)),
        "CosineAnnealingLR": lambda idle: lr_scheduler.CosineAnnealingLR(idle, steps, END),
        "OneCycleLR": lambda idle: lr_scheduler.OneCycleLR(idle, PEAK, steps, cycle_momentum=False),
        "SequentialLR": lambda idle: lr_scheduler.SequentialLR(
            idle,
            [
                lr_scheduler.LinearLR(idle, total_iters=WARMUP),
                lr_scheduler.CosineAnnealingLR(idle, steps, END),
            ],
            [WARMUP],
        ),
    }.items():
        one_each = [{"params": [torch.nn.Parameter(torch.zeros(1))]} for _ in range(groups)]
        idle = Idle(one_each, {"lr": PEAK})
        scheduler = make(idle)
        idle.step()
        found[name] = idle, scheduler
    return found


def torch_step() -> dict[str, float]:
    """Return the seconds of `scheduler.step()` alone."""
    schedulers = {name: v for name, (_, v) in torch_schedulers(1).items() if v}
    return in_many_turns(
        {name: ("scheduler.step()", {"scheduler": v}) for name, v in schedulers.items()}
    )


def torch_update(groups: int) -> dict[str, float]:
    """Return the seconds that schedulers add to an update: hooks, patches and `step()`."""
    calls = {}
    for name, (idle, scheduler) in torch_schedulers(groups).items():
        code = "idle.step()" + ("; scheduler.step()" if scheduler else "")
        calls[name] = code, {"idle": idle, "scheduler": scheduler}
    best = in_many_turns(calls)
    bare = best.pop("no scheduler")
    return {name: seconds - bare for name, seconds in best.items()}


def arrays_alive(steps: int) -> float:
    """Return the most memory in use during one call, in arrays of the steps' own size."""
    t = np.arange(steps)
    tracemalloc.start()
    warmup_cosine(steps)(t)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return 1 + peak / t.nbytes  # the steps themselves are alive as well


def rows() -> Any:
    """Yield each row: its name, the times in seconds, and the largest ratio to each other."""
    chain, single = warmup_cosine(STEPS), gl.Cosine(PEAK, END, steps=STEPS)
    peer = lrsched.cosine(base_lr=PEAK, min_lr=END, total_steps=STEPS)
    warmed = lrsched.with_warmup(peer, warmup_steps=WARMUP, start_lr=0.0)
    t = 3_000
    yield (
        "scalar call, warm-up then cosine",
        scalar({"glissando": (chain, t), "by hand": (by_hand, t), "lrsched": (warmed, t)}),
        {"by hand": 2.1, "lrsched": 1.0},
    )
    yield (
        "scalar call, cosine",
        scalar({"glissando": (single, t), "by hand": (cosine_by_hand, t), "lrsched": (peer, t)}),
        {"by hand": 2.1, "lrsched": 1.0},
    )
    two, thousand = (
        gl.Chain([gl.Linear(i, i + 1, steps=10) for i in range(n)]) for n in (2, 1_000)
    )
    yield (
        "scalar call, chain of 1,000 parts",
        scalar({"glissando": (thousand, 5_005), "2 parts": (two, 15)}),
        {"2 parts": 2.0},
    )
    short, long_run = (sgdr(n) for n in (2, 1_000))
    yield (
        "scalar call, SGDR of 1,000 cycles",
        scalar({"glissando": (long_run, 75_025), "2 cycles": (short, 125)}),
        {"2 cycles": 2.0},
    )
    knots = np.sort(np.random.default_rng(0).choice(10_000_000, 1_000_000, replace=False)) + 0.5
    points = np.random.default_rng(1).random(knots.size)
    table, some = gl.Table(points, knots), 5_000_005
    yield (
        "scalar call, table of 10^6 points",
        scalar({"glissando": (table, some), "by hand": (table_by_hand(points, knots), some)}),
        {"by hand": 2.1},
    )
    steps = 10_000_000
    array, long = np.arange(steps), warmup_cosine(steps)
    yield (
        "table of 10^6 points, 10 million steps",
        in_turns(
            {
                "glissando": lambda: table(array),
                "np.interp": lambda: np.interp(array, knots, points),
            },
            5,
        ),
        {"np.interp": 1.25},
    )
    stable = wsd(steps)
    yield (
        "10 million steps of a WSD, one NumPy array",
        in_turns(
            {"glissando": lambda: stable(array), "by hand": lambda: wsd_by_hand(array, steps)}, 5
        ),
        {"by hand": 1.0},
    )
    yield (
        "10 million steps, one NumPy array",
        in_turns(
            {"glissando": lambda: long(array), "by hand": lambda: array_by_hand(array, steps)}, 5
        ),
        {"by hand": 1.0},
    )
    theirs = optax.warmup_cosine_decay_schedule(0.0, PEAK, WARMUP, STEPS, END)
    yield (
        "inside jax.jit, a million steps one by one",
        in_turns({"glissando": in_jit(chain), "optax": in_jit(theirs)}, 40),
        {"optax": 1.0},
    )
    yield "PyTorch, scheduler.step()", torch_step(), {"CosineAnnealingLR": 0.25}
    for n in (1, 8):
        name = f"PyTorch, an update with hooks, groups: {n}"
        yield name, torch_update(n), {"CosineAnnealingLR": 0.5}
    yield (
        "import, above bare Python",
        in_turns({"glissando": start_up("import glissando"), "bare": start_up("pass")}, 20),
        "at most 35 ms",
    )
    show = "from glissando.cli import main; main(['show', 'linear(0, 1e-3, 500)'])"
    yield (
        "glissando show, above bare Python",
        in_turns({"glissando": start_up(show), "bare": start_up("pass")}, 5),
        "under 400 ms in all",
    )


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="print the rows as JSON")
    as_json = parser.parse_args().json
    found = []
    for name, times, target in tqdm(rows(), total=14, unit="row", disable=None):
        row: dict[str, Any] = {"row": name, "seconds": times}
        if isinstance(target, str):
            row["milliseconds above bare Python"] = 1e3 * (times["glissando"] - times["bare"])
            row["target"] = target
        else:
            row["ratios"] = {
                k: times["glissando"] / v for k, v in times.items() if k != "glissando"
            }
            row["target"] = "at most " + ", ".join(f"{v:g} x {k}" for k, v in target.items())
        found.append(row)
    found.append(
        {
            "row": "10 million steps, arrays of that size alive",
            "arrays": arrays_alive(10_000_000),
            "target": "at most 4",
        }
    )
    if as_json:
        print(json.dumps(found, indent=2))
        return
    for row in found:
        measured = ", ".join(f"{v:.2f} x {k}" for k, v in row.get("ratios", {}).items())
        if "arrays" in row:
            measured = f"{row['arrays']:.2f}"
        if "milliseconds above bare Python" in row:
            measured = f"{row['milliseconds above bare Python']:.0f} ms"
        print(f"{row['row']:45} {measured:38} target: {row['target']}")


if __name__ == "__main__":
    main()
