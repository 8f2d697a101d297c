"""PaddlePaddle's schedulers, run by PaddlePaddle itself, with its own optimizer."""

import sys
import types

from parity.case import Case, lr, resolved

# Paddle needs it for downloads alone
sys.modules.setdefault("httpx", types.ModuleType("httpx"))

import paddle  # noqa: E402
from paddle.optimizer import lr as schedulers  # noqa: E402

VERSION = "3.3.1"


def classes():
    """Every scheduler but the base class."""
    return sorted(name for name in schedulers.__all__ if name != "LRScheduler")


def make(name, arguments):
    return getattr(schedulers, name)(**arguments)


def rates(name):
    """The rates of a real optimizer whose scheduler steps after each update."""

    def run(arguments, steps):
        weight = paddle.create_parameter([1], "float32")
        found = []
        try:
            scheduler = make(name, resolved(arguments, make))
            optimizer = paddle.optimizer.SGD(learning_rate=scheduler, parameters=[weight])
            for _ in range(steps):
                found.append(optimizer.get_lr())
                weight.sum().backward()
                optimizer.step()
                optimizer.clear_grad()
                scheduler.step()
        except (ValueError, ZeroDivisionError):
            pass
        return found[:steps] + [None] * (steps - len(found))

    return run


def floor(random, top):
    return random.choice([0.0, top * random.random(), top * random.random(), 1.2 * top])


def length(random):
    return random.choice([1, random.randint(1, 24)])


def total(arguments):
    names = ("T_max", "decay_steps", "total_steps", "warmup_steps")
    return max(15, *(arguments.get(name, 0) for name in names))


def function(random, high):
    return {"function": [random.uniform(0.1, high) for _ in range(random.randint(1, 12))]}


def rising(random, highest):
    """A few different steps in order."""
    return sorted(random.sample(range(highest), random.randint(1, 4)))


def cosine(random):
    top = lr(random)
    return {"learning_rate": top, "T_max": length(random), "eta_min": floor(random, top)}


def warm_restarts(random):
    top = lr(random)
    return {
        "learning_rate": top,
        "T_0": random.randint(1, 8),
        "T_mult": random.randint(1, 3),
        "eta_min": floor(random, top),
    }


def cyclic(random):
    top = lr(random)
    found = {
        "base_learning_rate": top * random.random(),
        "max_learning_rate": top,
        "step_size_up": random.randint(1, 12),
        "step_size_down": random.choice([None, random.randint(1, 12)]),
        "mode": random.choice(["triangular", "triangular2", "exp_range"]),
        "exp_gamma": random.choice([1.0, random.uniform(0.5, 1), 1.1]),
    }
    if random.random() < 0.3:
        found |= {
            "scale_fn": function(random, 1.5),
            "scale_mode": random.choice(["cycle", "iterations"]),
        }
    elif random.random() < 0.2:
        found |= {"base_learning_rate": 2 * top}
    return found


def one_cycle(random):
    top = lr(random)
    steps = random.choice([1, 2, random.randint(1, 24)])
    three = random.random() < 0.4
    some = random.uniform(0.0, 0.49 if three else 1.0)
    share = random.choice([0.3, some, some, 0.0, 0.25 if three else 1.0])
    if share * steps == 1:  # it divides by zero at once
        share = some
    return {
        "max_learning_rate": top,
        "total_steps": steps,
        "divide_factor": random.choice([25.0, random.uniform(0.5, 50)]),
        "end_learning_rate": random.choice([1e-4, 0.0, top * random.random()]),
        "phase_pct": share,
        # a line of one step goes below 0 at once
        "anneal_strategy": random.choice(["cos", "linear"]) if steps > 1 else "cos",
        "three_phase": three,
    }


def polynomial(random):
    top = lr(random)
    return {
        "learning_rate": top,
        "decay_steps": length(random),
        "end_lr": floor(random, top),
        "power": random.choice([1.0, 2.0, random.uniform(0.3, 4)]),
        "cycle": random.random() < 0.5,
    }


def some_scheduler(random):
    names = ["CosineAnnealingDecay", "CosineAnnealingWarmRestarts", "CyclicLR", "PiecewiseDecay"]
    name = random.choice(names)
    return {"call": name, "arguments": DRAWS[name](random)}


def warmup(random):
    start = random.choice([0.0, random.random()])
    return {
        "learning_rate": random.choice([lr(random), some_scheduler(random)]),
        "warmup_steps": length(random),
        "start_lr": start,
        "end_lr": start + random.uniform(0.01, 1),
    }


def piecewise(random):
    boundaries = rising(random, 25)
    if random.random() < 0.3:
        random.shuffle(boundaries)
    extra = random.choice([1, 1, 3])
    return {
        "boundaries": boundaries,
        "values": [lr(random) for _ in range(len(boundaries) + extra)],
    }


def linear(random):
    return {
        "learning_rate": lr(random),
        "total_steps": length(random),
        "start_factor": random.choice([1.0 / 3, 1.0, random.uniform(0.01, 1)]),
        "end_factor": random.choice([1.0, 0.0, random.random()]),
    }


DRAWS = {
    "CosineAnnealingDecay": cosine,
    "CosineAnnealingWarmRestarts": warm_restarts,
    "CyclicLR": cyclic,
    "ExponentialDecay": lambda r: {"learning_rate": lr(r), "gamma": r.uniform(0.1, 0.999)},
    "InverseTimeDecay": lambda r: {"learning_rate": lr(r), "gamma": r.choice([0, r.uniform(0, 3)])},
    "LambdaDecay": lambda r: {"learning_rate": lr(r), "lr_lambda": function(r, 2)},
    "LinearLR": linear,
    "LinearWarmup": warmup,
    "MultiStepDecay": lambda r: {
        "learning_rate": lr(r),
        "milestones": rising(r, 25),
        "gamma": r.choice([0.1, 0.0, r.random()]),
    },
    "MultiplicativeDecay": lambda r: {"learning_rate": lr(r), "lr_lambda": function(r, 1.2)},
    "NaturalExpDecay": lambda r: {"learning_rate": lr(r), "gamma": r.uniform(0.001, 2)},
    "NoamDecay": lambda r: {
        "d_model": r.choice([1, 512, r.randint(1, 1000)]),
        "warmup_steps": length(r),
        "learning_rate": lr(r),
    },
    "OneCycleLR": one_cycle,
    "PiecewiseDecay": piecewise,
    "PolynomialDecay": polynomial,
    "ReduceOnPlateau": None,
    "StepDecay": lambda r: {
        "learning_rate": lr(r),
        "step_size": length(r),
        "gamma": r.choice([0.1, 0.0, r.random()]),
    },
}


def done_at_0(arguments, step):
    return arguments["end_factor"] == 0 and step >= arguments["total_steps"]


NOTES = {
    "LinearLR": (
        done_at_0,
        "an end of 0 comes out as a rounding error, of either sign, since it is reached by factors",
    ),
}


def case(name, draw):
    apart, note = NOTES.get(name, (lambda arguments, step: False, ""))
    return Case(name, draw, rates(name), total, apart, note)


CASES = [case(name, draw) for name, draw in DRAWS.items()]
