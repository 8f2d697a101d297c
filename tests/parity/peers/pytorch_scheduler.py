"""pytorch-scheduler's schedulers, run by pytorch-scheduler itself with an optimizer of PyTorch."""

import pytorch_scheduler
import torch
from pytorch_scheduler import experimental

from parity.case import Case, lr, resolved

VERSION = "0.2.2"


def classes():
    """Every scheduler and every function that makes one; the base class and errors are none."""
    names = [*pytorch_scheduler.__all__, *experimental.__all__]
    none = ("BaseScheduler", "NegativeLRError", "NegativeStepError")
    return sorted(
        name
        for name in names
        if not name.isupper()
        and name not in none
        and not name.startswith(("get_", "list_", "load_"))
    )


def optimizer_for(lr):
    return torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=lr)


def make(optimizer):
    def scheduler(name, arguments):
        given = {k: v for k, v in arguments.items() if k != "lr"}
        found = getattr(pytorch_scheduler, name, None) or getattr(experimental, name)
        return found(optimizer, **given)

    return scheduler


def rate_of(arguments):
    """The optimizer's own rate; where the arguments name none, that of the schedulers in them."""
    inner = arguments.get("schedulers", [{"arguments": {}}])
    return arguments.get("lr", inner[0]["arguments"].get("lr", 0.5))


def rates(name):
    def run(arguments, steps):
        optimizer = optimizer_for(rate_of(arguments))
        scheduler = make(optimizer)(name, resolved(arguments, make(optimizer)))
        found = []
        for step in range(steps):
            if step == stuck(arguments):  # it would never return
                return found + [None] * (steps - step)
            if step:
                scheduler.step()
            found.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
        return found

    return run


def wrapper_rates(arguments, steps):
    """The wrapper is an optimizer: it sets the rate inside the update."""
    optimizer, found = optimizer_for(arguments["lr"]), []
    optimizer.register_step_pre_hook(
        lambda optimizer, *_: found.append(optimizer.param_groups[0]["lr"])
    )
    wrapper = make(optimizer)("ScheduleFreeWrapper", arguments)
    for _ in range(steps):
        wrapper.step()
    return found


def stuck(arguments):
    """The step at which cycles that shrink have come to one of no steps."""
    mult = arguments.get("cycle_mult", 1.0)
    if mult >= 1:
        return None
    start = cycle = 0
    while length := int(arguments["first_cycle_steps"] * mult**cycle):
        start, cycle = start + length, cycle + 1
    return start


def floor(random, top):
    return random.choice([0.0, top * random.random(), top * random.random(), 1.5 * top])


def total(arguments):
    if "first_cycle_steps" in arguments:
        return min(2 * arguments["first_cycle_steps"], 60)
    if "epochs" in arguments:
        return arguments["epochs"] * arguments["steps_per_epoch"]
    return arguments.get("total_steps", 40)


def split(random, *names):
    """Some steps in all, of which each name takes a part, and at least one is left."""
    steps = random.choice([1, random.randint(1, 60)])
    found, left = {"total_steps": steps}, steps - 1
    for name in names:
        found[name] = random.choice([0, left, random.randint(0, left)])
        left -= found[name]
    return found


def some(*names, **others):
    """Arguments: steps split by the names, a rate and a floor, and what else is drawn."""

    def draw(random):
        top = lr(random)
        found = split(random, *names) | {"min_lr": floor(random, top), "lr": top}
        return found | {name: value(random) for name, value in others.items()}

    return draw


def without(draw, *names):
    return lambda random: {k: v for k, v in draw(random).items() if k not in names}


def restarts(random):
    top = lr(random)
    first = random.choice([1, 2, random.randint(1, 30)])
    return {
        "first_cycle_steps": first,
        "warmup_steps": random.choice([0, random.randint(0, first - 1), first - 1]),
        "max_lr": top,
        "min_lr": random.choice([0.0, top * random.random(), top]),
        # of one step in all, there is no schedule to compare
        "cycle_mult": random.choice([1.0, 1.0, 1.3, 2.0] + ([0.6] if first > 1 else [])),
        "gamma": random.choice([1.0, random.uniform(0.1, 1), random.uniform(0.1, 1), 1.2]),
    }


def hyperbolic(random):
    top, steps = lr(random), split(random, "warmup_steps")
    return steps | {
        "upper_bound": steps["total_steps"] + random.choice([0, random.randint(0, 200)]),
        "min_lr": top * random.choice([1e-3, random.uniform(1e-6, 1), 1.0, 2.0]),
        "lr": top,
    }


def trapezoidal(random):
    found = some("warmup_steps", "decay_steps")(random)
    if random.random() < 0.3:  # the stable part may be nothing at all
        found["total_steps"] = max(1, found["warmup_steps"] + found["decay_steps"])
    return found


def some_scheduler(random, top):
    name = random.choice(
        ["RexScheduler", "WSDScheduler", "CosineWithWarmupScheduler", "InverseSqrtScheduler"]
    )
    return {"call": name, "arguments": DRAWS[name](random) | {"lr": top}}


def warmup(random):
    top = lr(random)
    return {
        "base_scheduler": some_scheduler(random, top),
        "warmup_steps": random.choice([0, 1, random.randint(1, 30)]),
        "warmup_type": random.choice(["linear", "cosine", "exponential"]),
        "lr": top,
    }


def composer(random):
    top, count = lr(random), random.randint(1, 4)
    return {
        "schedulers": [some_scheduler(random, top) for _ in range(count)],
        "milestones": sorted(random.randint(0, 60) for _ in range(count - 1)),
    }


def by_name(random):
    name = random.choice(
        [key for key in pytorch_scheduler.SCHEDULERS if key != "cosineannealingwarmuprestarts"]
    )
    scheduler = pytorch_scheduler.SCHEDULERS[name].__name__
    return {"name": random.choice([name, name.upper()])} | DRAWS[scheduler](random)


def plan(random):
    found = some(k=lambda r: r.uniform(0.3, 4))(random)
    found |= {"name": random.choice(["kdecayscheduler", "k_decay"])}
    if random.random() < 0.5:
        found["name"] = random.choice(["flat_cosine", "linear_decay", "chebyshev"])
        del found["k"]
    del found["total_steps"]
    per_epoch = random.randint(1, 12)
    return found | {
        "epochs": random.randint(1, 5),
        "steps_per_epoch": per_epoch,
        "grad_accum_steps": random.randint(1, per_epoch),
    }


def preset(random):
    name = random.choice(pytorch_scheduler.list_presets())
    found = {"preset": name, "total_steps": random.randint(1, 120), "lr": lr(random)}
    if name == "llm_finetune" and random.random() < 0.5:
        found |= {"min_lr": found["lr"] * random.random()}
    return found


def power(random):
    return random.choice([1.0, 2.0, random.uniform(0.3, 4)])


DRAWS = {
    "ChebyshevScheduler": some(),
    "CosineAnnealingWarmupRestarts": restarts,
    "CosineWithWarmupScheduler": some("warmup_steps"),
    "ExpHyperbolicLRScheduler": hyperbolic,
    "FlatCosineScheduler": some(flat_fraction=lambda r: r.choice([0.0, 0.7, r.random()])),
    "HyperbolicLRScheduler": hyperbolic,
    "IdentityScheduler": lambda r: {"lr": lr(r)},
    "InverseSqrtScheduler": lambda r: {"warmup_steps": r.randint(1, 30), "lr": lr(r)},
    "KDecayScheduler": some(k=power),
    "LinearDecayScheduler": some("warmup_steps"),
    "PolynomialScheduler": some("warmup_steps", power=power, cycle=lambda r: r.random() < 0.5),
    "PowerDecayScheduler": some("warmup_steps", alpha=power),
    "RexScheduler": without(some(), "min_lr"),
    "SlantedTriangularScheduler": without(
        some(
            cut_frac=lambda r: r.uniform(0.001, 0.999),
            ratio=lambda r: r.choice([32.0, 1.0, 0.5, r.uniform(1, 100)]),
        ),
        "min_lr",
    ),
    "TanhDecayScheduler": some(steepness=lambda r: r.choice([3.0, r.uniform(0.001, 12)])),
    "TrapezoidalScheduler": trapezoidal,
    "WSDScheduler": some(
        "warmup_steps",
        "stable_steps",
        decay_type=lambda r: r.choice(["cosine", "linear", "sqrt"]),
    ),
    "WarmupHoldCosineScheduler": some("warmup_steps", "hold_steps"),
    "WarmupScheduler": warmup,
    "SequentialComposer": composer,
    "ScheduleFreeWrapper": lambda r: {
        "warmup_steps": r.choice([0, 1, r.randint(1, 60)]),
        "beta": r.choice([0.0, 0.9]),
        "lr": lr(r),
    },
    "create_scheduler": by_name,
    "create_scheduler_from_plan": plan,
    "create_from_preset": preset,
}

CASES = [
    Case(name, draw, wrapper_rates if name == "ScheduleFreeWrapper" else rates(name), total)
    for name, draw in DRAWS.items()
]
