"""timm's schedulers, with an optimizer of PyTorch's."""

import inspect
import math
import sys
import types
from decimal import Decimal
from importlib.util import find_spec

from parity.case import Case, lr, resolved

# the schedulers are one folder; timm as a whole needs torchvision and more
package = types.ModuleType("timm")
package.__path__ = list(find_spec("timm").submodule_search_locations)
sys.modules["timm"] = package

import torch  # noqa: E402
from timm import scheduler as schedulers  # noqa: E402
from timm.scheduler.scheduler import Scheduler  # noqa: E402

VERSION = "1.0.31"


def classes():
    """The schedulers, and what makes them."""
    found = vars(schedulers).items()
    return sorted(
        name
        for name, value in found
        if name.startswith("create_") or (inspect.isclass(value) and issubclass(value, Scheduler))
    )


def make(name, arguments, optimizer):
    if name == "create_scheduler_v2":
        return schedulers.create_scheduler_v2(optimizer, **arguments)[0]
    if name == "create_scheduler":
        args = types.SimpleNamespace(**arguments["args"])
        return schedulers.create_scheduler(args, optimizer, arguments["updates_per_epoch"])[0]
    return getattr(schedulers, name)(optimizer, **arguments)


def rates(name):
    """What each update uses, or each epoch: the scheduler gets its number, as in timm's train.py.

    The rate depends on that number alone, so one that the scheduler cannot give stands alone.
    """

    def run(arguments, steps):
        options = {k: v for k, v in resolved(arguments, make).items() if k != "lr"}
        optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=arguments["lr"])
        scheduler = make(name, options, optimizer)
        found = [optimizer.param_groups[0]["lr"]]
        for k in range(1, steps):
            optimizer.step()
            try:
                if scheduler is not None and scheduler.t_in_epochs:
                    scheduler.step(k)
                elif scheduler is not None:
                    scheduler.step_update(k)
                found.append(optimizer.param_groups[0]["lr"])
            except (ValueError, TypeError, OverflowError):
                found.append(None)
        return found

    return run


def cycle(arguments, step):
    """The cycle of a step, and how much of it is gone, by timm's own logarithm."""
    first, growth = arguments["t_initial"], arguments["cycle_mul"]
    number = math.floor(math.log(1 - step / first * (1 - growth), growth))
    gone = step - (1 - growth**number) / (1 - growth) * first
    return number, gone / (growth**number * first)


def missed(arguments, step):
    """Whether timm takes a step for one of the cycle before, or of none."""
    arguments = {"cycle_mul": 1.0, "warmup_t": 0, "warmup_prefix": False} | arguments
    if arguments["cycle_mul"] == 1 or step < max(1, arguments["warmup_t"]):
        return False
    step -= arguments["warmup_t"] * arguments["warmup_prefix"]
    try:
        number, gone = cycle(arguments, step)
    except ValueError:
        return False
    first, growth = arguments["t_initial"], Decimal(repr(arguments["cycle_mul"]))
    begin, length, exact = Decimal(0), Decimal(first), 0
    while begin + length <= step and exact < 2000:
        begin, length, exact = begin + length, length * growth, exact + 1
    return number != exact or not 0 <= gone <= 1


def missed_by_tanh(arguments, step):
    """The same; its warm-up rises to the rate of a step that may be one of these."""
    under = not arguments.get("warmup_prefix", False)
    return missed(arguments, max(step, under * arguments.get("warmup_t", 0)))


def missed_by_factory(arguments, step):
    options = arguments.get("args", arguments)
    prefix = "lr_" if "args" in arguments else ""
    if options["sched"] not in ("cosine", "tanh", "poly"):
        return False
    by = arguments["updates_per_epoch"] if by_updates(arguments) else 1
    inner = {
        "t_initial": options["epochs" if prefix else "num_epochs"] * by,
        "cycle_mul": options.get(f"{prefix}cycle_mul", 1.0),
        "warmup_t": options["warmup_epochs"] * by,
        "warmup_prefix": options["warmup_prefix"],
    }
    return (missed_by_tanh if options["sched"] == "tanh" else missed)(inner, step)


def by_updates(arguments):
    if "args" in arguments:
        return arguments["args"].get("sched_on_updates", False)
    return not arguments.get("step_on_epochs", True)


def warmed(random, prefix=True):
    """The arguments of a warm-up, one of three of them none."""
    found = {"lr": lr(random), "t_in_epochs": random.random() < 0.5}
    if random.random() < 0.7:
        found["warmup_t"] = random.choice([1, 5, random.randint(1, 15)])
        found["warmup_lr_init"] = random.choice([0.0, 1e-5, lr(random)])
    if prefix and random.random() < 0.6:
        found["warmup_prefix"] = random.random() < 0.5
    return found


def floor(random, top):
    return random.choice([0.0, 1e-5, top * random.random(), 1.2 * top])


def cyclic(random):
    found = warmed(random)
    found["t_initial"] = random.choice([1, 2, 10, random.randint(1, 20)])
    found["lr_min"] = floor(random, found["lr"])
    if random.random() < 0.7:
        growths = [1.0, 1.0, 2.0, 3.0, 1.5, 1.1, 0.5, 0.9, random.uniform(0.3, 3)]
        found["cycle_mul"] = random.choice(growths)
        found["cycle_decay"] = random.choice([1.0, 0.5, 0.1, 0.0, 1.1, random.random()])
        found["cycle_limit"] = random.choice([0, 1, 2, 3, 5, 50])
    return found


def k_decay(random):
    return {"k_decay": random.choice([1.0, 1.5, 2.0, 0.5, random.uniform(0.2, 4)])}


def tanh(random):
    found = cyclic(random)
    if random.random() < 0.6:
        low = random.choice([-6.0, -4.0, -9.0, 0.5, random.uniform(-7, 2)])
        found |= {"lb": low, "ub": low + random.choice([5.0, 7.0, random.uniform(0.001, 9)])}
    if found.get("cycle_mul", 1) < 1:  # its constructor may ask for a rate that is not there
        found["warmup_t"] = 0
    return found


def poly(random):
    found = cyclic(random) | (k_decay(random) if random.random() < 0.5 else {})
    if random.random() < 0.7:
        found["power"] = random.choice([1.0, 2.0, 0.0, 0.9, random.uniform(0.1, 3)])
    return found


def stairs(random):
    usual = [30, 2.4, 3, 1, 2.5, 1.1, 0.5, 0.1, 2.0, random.randint(1, 9), random.uniform(0.3, 9)]
    ratio = random.choice([1.0, 0.1, 0.97, 0.0, random.random(), 1.05])
    return warmed(random) | {"decay_t": random.choice(usual), "decay_rate": ratio}


def milestones(random):
    steps = sorted(random.randint(0, 30) for _ in range(random.randint(0, 5)))
    ratio = random.choice([1.0, 0.1, 0.0, random.random(), 1.5])
    return warmed(random) | {"decay_t": steps, "decay_rate": ratio}


def wsd(random):
    found = warmed(random, prefix=False)
    steps = random.choice([1, 2, 10, random.randint(1, 20)])
    found |= {
        "t_initial": steps,
        "decay_t": random.choice([1, steps, random.randint(1, steps)]),
        "lr_min": floor(random, found["lr"]),
        "stable_fn": random.choice(["constant", "rsqrt", "power"]),
        "stable_timescale": random.choice([None, 10, random.uniform(0.5, 20)]),
        "stable_power": random.choice([0.5, random.uniform(0.1, 3)]),
        "decay_fn": random.choice(
            ["linear", "1-sqrt", "cosine", "power", "exp", {"function": [0.6, 0.1]}]
        ),
        "decay_power": random.choice([0.5, 1.0, 2.0, random.uniform(0.1, 4)]),
        "decay_ratio": random.choice([0.1, random.uniform(0.01, 0.99)]),
    }
    if not found["stable_timescale"] and not found.get("warmup_t"):
        found["stable_timescale"] = 7
    return found


NAMES = ("cosine", "tanh", "step", "multistep", "poly", "wsd", "rsqrt", "constant", "none")


def factory(random):
    sched, epochs = random.choice(NAMES), random.randint(7, 12)
    found = {
        "lr": lr(random),
        "sched": sched,
        "num_epochs": epochs,
        "warmup_epochs": random.choice([0, random.randint(1, 3)]),
        "warmup_prefix": random.random() < 0.4,
        "step_on_epochs": random.random() < 0.5,
        "updates_per_epoch": random.randint(1, 3),
    }
    if random.random() < 0.6:
        found |= {
            "decay_milestones": sorted(random.sample(range(1, 12), 3)),
            "decay_rate": random.choice([0.5, random.random()]),
            "min_lr": floor(random, found["lr"]),
            "warmup_lr": random.choice([0.0, random.random()]),
            "cycle_mul": random.choice([1.0, 2.0, 1.3]),
            "cycle_decay": random.choice([1.0, random.random()]),
            "cycle_limit": random.randint(1, 3),
            "k_decay": random.choice([1.0, random.uniform(0.5, 2)]),
        }
    if sched == "step":
        found["decay_epochs"] = random.choice([None, 2.4, 0.5, 3])
    if sched in ("wsd", "rsqrt"):
        found["decay_epochs"] = random.choice([None, 0.5, 0.3, 1, 1.5])
        found["decay_fn"] = random.choice([None, "cosine", "exp"])
        found["stable_timescale"] = random.choice([3, 2.5])
        if found["warmup_epochs"] and random.random() < 0.5:
            found["stable_timescale"] = None
    return found


def by_args(random):
    given = factory(random)
    renamed = {"num_epochs": "epochs"} | {
        name: f"lr_{name}"
        for name in (
            *("cycle_mul", "cycle_decay", "cycle_limit", "k_decay"),
            *("decay_fn", "stable_timescale"),
        )
    }
    taken = ("lr", "step_on_epochs", "updates_per_epoch")
    args = {renamed.get(name, name): value for name, value in given.items() if name not in taken}
    args |= {"sched_on_updates": not given["step_on_epochs"], "seed": 1}
    if args["sched"] not in ("wsd", "rsqrt") and random.random() < 0.3:
        args.pop("decay_epochs", None)
        args.pop("decay_rate", None)
    return {"args": args, "lr": given["lr"], "updates_per_epoch": given["updates_per_epoch"]}


def total(arguments):
    options = arguments.get("args", arguments)
    epochs = options.get("num_epochs", options.get("epochs", 0))
    by = arguments["updates_per_epoch"] if by_updates(arguments) and epochs else 1
    rise = options.get("warmup_t", options.get("warmup_epochs", 0) * by)
    return min(30, max(18, options.get("t_initial", epochs * by) + rise))


DRAWS = {
    "CosineLRScheduler": lambda random: cyclic(random) | k_decay(random),
    "MultiStepLRScheduler": milestones,
    "PlateauLRScheduler": None,
    "PolyLRScheduler": poly,
    "StepLRScheduler": stairs,
    "TanhLRScheduler": tanh,
    "WSDLRScheduler": wsd,
    "create_scheduler": by_args,
    "create_scheduler_v2": factory,
}
RESTARTS = "restarts that timm's logarithm misses, with cycles of different lengths, are met here"
NOTES = {
    "CosineLRScheduler": (missed, RESTARTS),
    "PolyLRScheduler": (missed, RESTARTS),
    "TanhLRScheduler": (missed_by_tanh, RESTARTS),
    "create_scheduler": (missed_by_factory, RESTARTS),
    "create_scheduler_v2": (missed_by_factory, RESTARTS),
}


def case(name, draw):
    apart, note = NOTES.get(name, (lambda arguments, step: False, ""))
    return Case(name, draw, draw and rates(name), total, apart, note)


CASES = [case(name, draw) for name, draw in DRAWS.items()]
