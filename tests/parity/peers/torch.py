"""PyTorch's schedulers, each stepped after every update of a real optimizer."""

import inspect
import warnings

import torch
from torch.optim import lr_scheduler, swa_utils

from parity.case import Case, lr

VERSION = "2.13.0"


def classes():
    """Every scheduler of PyTorch that is no base of others."""
    return sorted(
        name
        for module in (lr_scheduler, swa_utils)
        for name, cls in vars(module).items()
        if inspect.isclass(cls)
        and issubclass(cls, lr_scheduler.LRScheduler)
        and name not in ("LRScheduler", "_LRScheduler")
    )


def table(call):
    """A function of the step, where a scheduler takes one: another scheduler's rates."""
    found = rates(call["call"])(call["arguments"], 200)
    return lambda step: found[int(step)]


def make(name, arguments, optimizer):
    arguments = {k: v for k, v in arguments.items() if k not in ("lr", "of")}
    for key, value in arguments.items():
        if key == "schedulers":
            arguments[key] = [make(v["call"], v["arguments"], optimizer) for v in value]
        elif key in ("lr_lambda", "scale_fn"):
            arguments[key] = table(value)
    cls = getattr(lr_scheduler, name, None) or getattr(swa_utils, name)
    if name == "ChainedScheduler":
        return cls(**arguments)
    return cls(optimizer, **arguments)


def rates(name):
    def run(arguments, steps):
        found = []
        several = [each["arguments"] for each in arguments.get("schedulers", [])]
        lr = next((some["lr"] for some in [arguments, *several] if "lr" in some), 1.0)
        optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=lr, momentum=0.9)
        try:
            with warnings.catch_warnings():
                # of the order of the two calls, which a scheduler that is replaced is unsure of
                warnings.simplefilter("ignore")
                scheduler = make(name, arguments, optimizer)
                for _ in range(steps):
                    rate = optimizer.param_groups[0][arguments.get("of", "lr")]
                    # where a recurrence comes to 0, rounding may put it below
                    tiny = 1e-15 * max([lr, *found])
                    found.append(0.0 if -tiny < rate < 0 else rate)
                    optimizer.step()
                    scheduler.step()
        except (ValueError, ZeroDivisionError):
            pass
        return found + [None] * (steps - len(found))

    return run


def length(random):
    return random.choice([1, 2, 3, random.randint(1, 60), random.randint(1, 60)])


def share(random):
    return random.choice([0.0, 1.0, random.random(), random.random()])


def gamma(random):
    return random.choice([0.1, 0.5, 1.0, random.random(), random.uniform(0.8, 1), 1.1])


def floor(random):
    return random.choice([0.0, 1e-4, random.random()])


def call(name, arguments):
    return {"call": name, "arguments": arguments}


def some(random, names=None, lr=None):
    """A scheduler inside another."""
    name = random.choice(names or PLAIN)
    arguments = DRAWS[name](random)
    if lr is not None and "lr" in arguments:
        arguments["lr"] = lr
    return call(name, arguments | ({"of": "lr"} if "of" in arguments else {}))


def function(random):
    """A function of the step between 0 and 1: a scheduler's rates."""
    names = ["StepLR", "ExponentialLR", "CosineAnnealingLR", "LinearLR"]
    found = some(random, names, lr=1.0)
    found["arguments"] |= {"gamma": random.random()} if "gamma" in found["arguments"] else {}
    return found


def cyclic(random):
    base, peak = lr(random), lr(random)
    arguments = {
        "base_lr": base,
        "max_lr": peak,
        "step_size_up": random.randint(1, 12),
        "step_size_down": random.choice([None, 0, random.randint(1, 12)]),
        "mode": random.choice(["triangular", "triangular2", "exp_range"]),
        "gamma": random.choice([0.0, 1.0, random.uniform(0.7, 1), 1.01]),
        "base_momentum": random.random(),
        "max_momentum": random.random(),
        "of": random.choice(["lr", "momentum"]),
    }
    if random.random() < 0.3:
        arguments |= {
            "scale_fn": function(random),
            "scale_mode": random.choice(["cycle", "iterations"]),
        }
    return arguments


def one_cycle(random):
    arguments = {
        "max_lr": lr(random),
        "pct_start": random.choice([0.3, 0.0, 1.0, 0.5, random.random(), random.random()]),
        "anneal_strategy": random.choice(["cos", "linear"]),
        "base_momentum": random.random(),
        "max_momentum": random.random(),
        "div_factor": random.choice([25.0, 1.0, random.uniform(0.5, 50)]),
        "final_div_factor": random.choice([1e4, random.uniform(0.5, 2), random.uniform(1, 1e5)]),
        "three_phase": random.random() < 0.5,
        "of": random.choice(["lr", "momentum"]),
    }
    if random.random() < 0.7:
        arguments["total_steps"] = length(random)
    else:
        arguments |= {"epochs": random.randint(1, 6), "steps_per_epoch": random.randint(1, 10)}
    total = total_steps(arguments)
    if arguments["pct_start"] * total == 1:  # where PyTorch refuses it, too
        return one_cycle(random)
    if total == 1 and arguments["anneal_strategy"] == "linear":
        return one_cycle(random)  # below 0 at the second step
    return arguments


def total_steps(arguments):
    return arguments.get("total_steps") or arguments["epochs"] * arguments["steps_per_epoch"]


def constant(random):
    arguments = {"factor": share(random), "total_iters": random.choice([0, length(random)])}
    if arguments["factor"] == 0 and arguments["total_iters"] == 1:
        return constant(random)  # which divides by zero at the second step
    return arguments | {"lr": lr(random)}


def sequential(random):
    base, n = lr(random), random.randint(1, 4)
    schedulers = [some(random, ALL, base) for _ in range(n)]
    for each in schedulers[1:]:
        if each["arguments"].get("total_iters") == 0 and each["call"] != "ConstantLR":
            each["arguments"]["total_iters"] = 5  # which divides by zero at the milestone
    milestones = sorted(random.choice([0, length(random), length(random)]) for _ in range(n - 1))
    return {"schedulers": schedulers, "milestones": milestones}


def chained(random):
    base = lr(random)
    names = random.choice([FACTORS, [*FACTORS, "CosineAnnealingLR"], ALL])
    n = random.randint(1, 3)
    if names is not FACTORS and random.random() < 0.5:
        names = FACTORS
        schedulers = [some(random, names, base) for _ in range(n)]
        wave = random.choice([*SETTERS, "CosineAnnealingLR"])
        schedulers.insert(random.randint(0, n), some(random, [wave], base))
        return {"schedulers": schedulers}
    schedulers = [some(random, names, base) for _ in range(n)]
    for each in schedulers:
        if "anneal_strategy" in each["arguments"]:  # a line goes below 0, and may be overwritten
            each["arguments"]["anneal_strategy"] = "cos"
    return {"schedulers": schedulers}


FACTORS = ["StepLR", "MultiStepLR", "ConstantLR", "LinearLR", "ExponentialLR", "PolynomialLR"]
SETTERS = ["CosineAnnealingWarmRestarts", "CyclicLR", "OneCycleLR"]
PLAIN = [*FACTORS, "CosineAnnealingLR"]
ALL = [*PLAIN, *SETTERS, "SWALR", "LambdaLR", "MultiplicativeLR"]

DRAWS = {
    "LambdaLR": lambda r: {"lr_lambda": function(r), "lr": lr(r)},
    "MultiplicativeLR": lambda r: {"lr_lambda": function(r), "lr": lr(r)},
    "StepLR": lambda r: {"step_size": length(r), "gamma": gamma(r), "lr": lr(r)},
    "MultiStepLR": lambda r: {
        "milestones": [r.choice([0, length(r), length(r)]) for _ in range(r.randint(0, 4))],
        "gamma": gamma(r),
        "lr": lr(r),
    },
    "ConstantLR": constant,
    "LinearLR": lambda r: {
        "start_factor": r.choice([1.0, r.uniform(1e-6, 1), r.uniform(0.1, 1)]),
        "end_factor": share(r),
        "total_iters": r.choice([0, length(r), length(r)]),
        "lr": lr(r),
    },
    "ExponentialLR": lambda r: {"gamma": gamma(r), "lr": lr(r)},
    "PolynomialLR": lambda r: {
        "total_iters": r.choice([0, length(r), length(r)]),
        "power": r.choice([0.0, 1.0, 2.0, r.uniform(0.1, 4)]),
        "lr": lr(r),
    },
    "CosineAnnealingLR": lambda r: {"T_max": length(r), "eta_min": floor(r), "lr": lr(r)},
    "CosineAnnealingWarmRestarts": lambda r: {
        "T_0": r.randint(1, 20),
        "T_mult": r.randint(1, 4),
        "eta_min": floor(r),
        "lr": lr(r),
    },
    "CyclicLR": cyclic,
    "OneCycleLR": one_cycle,
    "SWALR": lambda r: {
        "swa_lr": lr(r),
        "anneal_epochs": r.choice([0, length(r), length(r)]),
        "anneal_strategy": r.choice(["cos", "linear"]),
        "lr": lr(r),
    },
    "SequentialLR": sequential,
    "ChainedScheduler": chained,
}

HORIZONS = {
    "OneCycleLR": total_steps,
    "SequentialLR": lambda arguments: 60,
    "ChainedScheduler": lambda arguments: 60,
    "CosineAnnealingWarmRestarts": lambda arguments: 80,
}

CASES = [
    *(
        Case(name, draw, rates(name), HORIZONS.get(name, lambda arguments: 60))
        for name, draw in DRAWS.items()
    ),
    Case("ReduceLROnPlateau", None),
]
