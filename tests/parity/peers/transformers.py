"""Transformers' schedules, run by Transformers itself, with PyTorch's optimizer."""

import math
import warnings

import torch
from transformers import optimization

from parity.case import Case, lr

VERSION = "5.23.0"


def classes():
    """Every function that gets a schedule, and every class that is one."""
    return sorted(
        name
        for name, value in vars(optimization).items()
        if getattr(value, "__module__", "") == optimization.__name__
        and (name.startswith("get_") or hasattr(value, "get_last_lr"))
    )


def rates(name):
    """The rates of a real optimizer whose schedule steps after each update."""

    def run(arguments, steps):
        arguments = dict(arguments)
        weight = torch.zeros(1, requires_grad=True)
        optimizer = torch.optim.SGD([weight], lr=arguments.pop("lr"))
        found = []
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of two lengths that say the same
                schedule = getattr(optimization, name)(optimizer=optimizer, **arguments)
            for _ in range(steps):
                found.append(float(optimizer.param_groups[0]["lr"]))
                optimizer.step()
                schedule.step()
        except (ValueError, ZeroDivisionError):
            pass
        return found[:steps] + [None] * (steps - len(found))

    return run


def length(random):
    return random.choice([0, 1, random.randint(1, 40)])


def lengths(random):
    """A warm-up, and the whole, which may be too short for it."""
    warmup = length(random)
    whole = random.choice([warmup + length(random), warmup + length(random), length(random)])
    return {"num_warmup_steps": warmup, "num_training_steps": whole}


def cycles(random):
    return random.choice([0.5, 0.5, 1, 3, 0, 0.75, -1.5, random.uniform(0, 8)])


def cosine(random):
    return lengths(random) | {"num_cycles": cycles(random), "lr": lr(random)}


def hard_restarts(random):
    number = random.choice([1, 2, 3, 7, 49, random.randint(1, 60), random.uniform(0, 30), 0])
    return lengths(random) | {"num_cycles": number, "lr": lr(random)}


def min_lr(random):
    found = cosine(random)
    share = random.choice([0.0, 0.1, random.random(), 1.5])
    if random.random() < 0.5:
        return found | {"min_lr": share * found["lr"]}
    return found | {"min_lr_rate": share}


def min_lr_early(random):
    start = random.choice([None, 0.0, random.random(), 1.5])
    return min_lr(random) | {"warmup_lr_rate": start}


def polynomial(random):
    top, found = lr(random), lengths(random)
    if found["num_training_steps"] == found["num_warmup_steps"]:  # it divides by zero
        found["num_training_steps"] += 1
    return found | {
        "lr_end": top * random.choice([1e-3, 0.0, random.random()]),
        "power": random.choice([1.0, 2.0, random.uniform(0.2, 4)]),
        "lr": top,
    }


def inverse_sqrt(random):
    scale = random.choice([None, random.randint(1, 40), random.uniform(0.5, 1e4)])
    return {"num_warmup_steps": length(random), "timescale": scale, "lr": lr(random)}


def wsd(random):
    found = lengths(random)
    found["num_decay_steps"] = length(random)
    if random.random() < 0.5:
        found["num_stable_steps"] = length(random)
        if random.random() < 0.8:
            del found["num_training_steps"]
    shapes = ["linear", "cosine", "1-sqrt"]
    return found | {
        "warmup_type": random.choice(shapes),
        "decay_type": random.choice(shapes),
        "min_lr_ratio": random.choice([0, 0.1, random.random(), 1.5]),
        "num_cycles": random.choice([0.5, 0.5, cycles(random)]),
        "lr": lr(random),
    }


DRAWS = {
    "AdafactorSchedule": None,
    "GreedyLR": None,
    "get_adafactor_schedule": None,
    "get_constant_schedule": lambda r: {"lr": lr(r)},
    "get_constant_schedule_with_warmup": lambda r: {"num_warmup_steps": length(r), "lr": lr(r)},
    "get_cosine_schedule_with_warmup": cosine,
    "get_cosine_with_hard_restarts_schedule_with_warmup": hard_restarts,
    "get_cosine_with_min_lr_schedule_with_warmup": min_lr,
    "get_cosine_with_min_lr_schedule_with_warmup_lr_rate": min_lr_early,
    "get_greedy_schedule": None,
    "get_inverse_sqrt_schedule": inverse_sqrt,
    "get_linear_schedule_with_warmup": lambda r: lengths(r) | {"lr": lr(r)},
    "get_polynomial_decay_schedule_with_warmup": polynomial,
    "get_reduce_on_plateau_schedule": None,
    "get_wsd_schedule": wsd,
}


def by_name(random):
    """The arguments of `get_scheduler` for any type that no metric drives."""
    types = optimization.TYPE_TO_SCHEDULER_FUNCTION
    kind = random.choice([kind for kind, of in types.items() if DRAWS[of.__name__]])
    specific = DRAWS[types[kind].__name__](random)
    common = {
        name: specific.pop(name)
        for name in ("num_warmup_steps", "num_training_steps", "lr")
        if name in specific
    }
    return {"name": kind.value, **common, "scheduler_specific_kwargs": specific}


DRAWS["get_scheduler"] = by_name


def total(arguments):
    specific = arguments.get("scheduler_specific_kwargs", {})
    found = {k: v for k, v in {**arguments, **specific}.items() if v is not None}
    stable = found.get("num_stable_steps", 0) + found.get("num_decay_steps", 0)
    steps = max(found.get("num_training_steps", 0), found.get("num_warmup_steps", 0) + stable)
    return max(10, math.ceil(steps))


CASES = [Case(name, draw, rates(name), total) for name, draw in DRAWS.items()]
