"""pytorch-optimizer's schedulers, run by pytorch-optimizer with an optimizer of PyTorch."""

import pytorch_optimizer
import torch
from pytorch_optimizer import lr_scheduler

from parity.case import Case, lr, resolved

VERSION = "4.1.0"


def classes():
    """Every scheduler of its own that it knows by a name; PyTorch's are in that dialect."""
    names = pytorch_optimizer.get_supported_lr_schedulers()
    found = [lr_scheduler.load_lr_scheduler(name) for name in names]
    return sorted(each.__name__ for each in found if each.__module__.startswith("pytorch_opt"))


def make(optimizer):
    def scheduler(name, arguments):
        given = {k: v for k, v in arguments.items() if k != "lr"}
        if name == "ProportionScheduler":
            return pytorch_optimizer.lr_scheduler.ProportionScheduler(**given)
        return getattr(lr_scheduler, name)(optimizer, **given)

    return scheduler


def rates(name):
    def run(arguments, steps):
        inner = arguments.get("lr_scheduler", {"arguments": {}})["arguments"]
        lr = {"lr": 0.5, **inner, **arguments}["lr"]
        optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=lr)
        scheduler = make(optimizer)(name, resolved(arguments, make(optimizer)))
        found = []
        for step in range(steps):
            if step:
                try:
                    if name == "ProportionScheduler":
                        scheduler.lr_scheduler.step()
                    scheduler.step()
                except ZeroDivisionError:
                    return found + [None] * (steps - step)
            value = optimizer.param_groups[0]["lr"]
            found.append(scheduler.get_lr() if name == "ProportionScheduler" else value)
            optimizer.step()
        return found

    return run


def floor(random, top):
    return random.choice([0.0, top * random.random(), top * random.random(), top, 1.5 * top])


def length(random):
    return random.choice([0, 1, random.randint(1, 30)])


def total(arguments):
    names = ("t_max", "total_steps", "num_epochs", "num_decay_steps")
    cycles = min(3 * arguments.get("first_cycle_steps", 0), 60)
    return max(30, cycles, *(arguments.get(name, 0) for name in names))


def warmed(**others):
    def draw(random):
        top, warmup = lr(random), length(random)
        found = {
            "t_max": random.choice([warmup, warmup + length(random), random.randint(0, 60)]),
            "max_lr": top,
            "min_lr": floor(random, top),
            "init_lr": random.choice([0.0, top * random.random(), 2 * top]),
            "warmup_steps": warmup,
        }
        return found | {name: value(random) for name, value in others.items()}

    return draw


def restarts(random):
    top = lr(random)
    first = random.choice([1, 2, random.randint(1, 30)])
    return {
        "first_cycle_steps": first,
        "warmup_steps": random.choice([0, random.randint(0, first - 1), first - 1]),
        "max_lr": top,
        "min_lr": random.choice([0.0, top * random.random(), top, 1.5 * top]),
        "cycle_mult": random.choice([1.0, 1.3, 2.0, 0.6, 0.0, random.uniform(0.3, 3)]),
        "gamma": random.choice([1.0, 0.9, random.uniform(0.1, 1), 1.2]),
    }


def wsd(random):
    names = ("num_warmup_steps", "num_stable_steps", "num_decay_steps")
    return {name: length(random) for name in names} | {
        "min_lr_ratio": random.choice([0.0, random.random(), 1.0, 1.2]),
        "num_cycles": random.choice([0.5, 0.5, 0, 1, 2.5, random.uniform(0.1, 3)]),
        "cooldown_type": random.choice(["cosine", "1-sqrt", "linear", "1-square"]),
        "lr": lr(random),
    }


def rex(random):
    top = lr(random)
    return {"total_steps": length(random) + 1, "max_lr": top, "min_lr": floor(random, top)}


def proportion(random):
    name = random.choice(["get_wsd_schedule", "REXScheduler", "CosineScheduler"])
    arguments = DRAWS[name](random)
    if "min_lr" in arguments:
        arguments |= {"min_lr": 0.0}
    if "t_max" in arguments:
        arguments |= {"t_max": arguments["warmup_steps"] + 10}
    low, high = random.random(), random.random()
    top = arguments.get("lr", arguments.get("max_lr"))
    return {
        "lr_scheduler": {"call": name, "arguments": arguments},
        "max_lr": random.choice([top, 0.0]),
        "min_lr": 0.0,
        "min_value": random.choice([0.0, low]),
        "max_value": random.choice([low, high]),
    }


DRAWS = {
    "CosineAnnealingWarmupRestarts": restarts,
    "CosineScheduler": warmed(),
    "LinearScheduler": warmed(),
    "PolyScheduler": warmed(poly_order=lambda r: r.choice([0.5, 1.0, r.uniform(0.1, 3)])),
    "ProportionScheduler": proportion,
    "REXScheduler": rex,
    "get_chebyshev_schedule": lambda r: {
        "num_epochs": r.choice([1, 2, 3, 4, 5, 9, r.randint(1, 70)]),
        "is_warmup": r.random() < 0.1,
        "lr": lr(r),
    },
    "get_wsd_schedule": wsd,
}


def own(arguments, step):
    """Before its first step a scheduler says of itself what it is about to set."""
    return step == 0 and arguments["lr_scheduler"]["call"] != "get_wsd_schedule"


def case(name, draw):
    if name != "ProportionScheduler":
        return Case(name, draw, rates(name), total)
    note = (
        "its value at update 0 is that of the rate after the first step, if its scheduler is one "
        "of pytorch-optimizer's classes"
    )
    return Case(name, draw, rates(name), total, apart=own, note=note)


CASES = [case(name, draw) for name, draw in DRAWS.items()]
