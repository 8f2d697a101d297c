"""Ignite's schedulers, called by its engine before each update, or after it as is their default."""

import contextlib
import inspect
import logging
import warnings

import torch
from ignite.engine import Engine, Events
from ignite.handlers import param_scheduler, state_param_scheduler
from torch.optim import lr_scheduler
from torch.utils.data import DataLoader

from parity.case import Case, lr, resolved

VERSION = "0.5.5"
STATE = ("Lambda", "PiecewiseLinear", "Exp", "Step", "MultiStep")


def classes():
    """Every scheduler but the base classes; a ParamGroupScheduler only holds others."""
    bases = ("BaseParamScheduler", "ParamScheduler", "CyclicalScheduler", "StateParamScheduler")
    found = {
        name
        for module in (param_scheduler, state_param_scheduler)
        for name, value in vars(module).items()
        if getattr(value, "__module__", "") == module.__name__ and name[0] != "_"
        if inspect.isclass(value) or name.startswith("create_")
    }
    return sorted(found - {*bases, "ParamGroupScheduler"})


def make(name, arguments, optimizer):
    if name.startswith("torch."):
        options = {k: v for k, v in arguments.items() if k != "lr"}
        return getattr(lr_scheduler, name[6:])(optimizer, **options)
    options = {k: v for k, v in arguments.items() if k != "lr"}
    if "milestones_values" in options:
        options["milestones_values"] = [tuple(pair) for pair in options["milestones_values"]]
    if name in ("LinearCyclicalScheduler", "CosineAnnealingScheduler", "PiecewiseLinear"):
        options |= {"optimizer": optimizer, "param_name": "lr"}
    if name.endswith("StateScheduler"):
        return getattr(state_param_scheduler, name)(param_name="value", create_new=True, **options)
    if name == "BatchSizeScheduler":
        options["dataloader"] = DataLoader([0, 1], batch_size=1)
    return getattr(param_scheduler, name)(**options)


def own(arguments):
    """The optimizer's own rate, which PyTorch's schedulers begin with."""
    if isinstance(arguments, dict):
        if "lr" in arguments:
            return arguments["lr"]
        arguments = list(arguments.values())
    if isinstance(arguments, list):
        return next((rate for a in arguments if (rate := own(a)) is not None), None)
    return None


def rates(name):
    def run(arguments, steps):
        weight = torch.nn.Parameter(torch.zeros(()))
        optimizer = torch.optim.SGD([weight], own(arguments) or 9.0)

        def inner(name, arguments):
            return make(name, arguments, optimizer)

        found = []

        def update(engine, batch):
            if name == "BatchSizeScheduler":
                found.append(float(scheduler.dataloader.batch_sampler.batch_size))
            elif name.endswith("StateScheduler"):
                value = engine.state.value
                found.append(None if value is None else float(value))
            else:
                found.append(optimizer.param_groups[0]["lr"])
                optimizer.step()

        engine = Engine(update)
        engine.logger.setLevel(logging.CRITICAL)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of PyTorch, about the order of steps
            scheduler = make(name, resolved(arguments, inner), optimizer)
            if name.endswith("StateScheduler"):
                scheduler.attach(engine)
            else:
                engine.add_event_handler(Events.ITERATION_STARTED, scheduler)
            with contextlib.suppress(ZeroDivisionError):
                engine.run(range(steps))
        return found + [None] * (steps - len(found))

    return run


def cyclical(random):
    values = {
        "start_value": random.choice([0.0, lr(random)]),
        "end_value": random.choice([0.0, lr(random)]),
        "cycle_size": random.randint(2, 25),
    }
    if random.random() < 0.5:
        values["cycle_mult"] = random.choice([1.0, 2.0, 0.5, random.uniform(0.3, 3)])
    for name in ("start_value_mult", "end_value_mult"):
        if random.random() < 0.5:
            grown = "cycle_mult" in values and values["cycle_mult"] >= 2
            values[name] = random.choice([0.0, 0.5, random.random(), 1.2 if grown else 1.0])
    return values


def cosine(random):
    return cyclical(random) | {"warmup_duration": random.choice([0, 0, random.randint(1, 9)])}


def linear(random):
    if random.random() < 0.5:
        return cosine(random) | {"monotonic": True}
    return cyclical(random)


def piecewise(random):
    steps = sorted(random.choices(range(60), k=random.randint(1, 6)))
    return {"milestones_values": [[step, lr(random)] for step in steps]}


def some(random):
    name, draw = random.choice(
        [
            ("LinearCyclicalScheduler", linear),
            ("CosineAnnealingScheduler", cosine),
            ("PiecewiseLinear", piecewise),
        ]
    )
    return {"call": name, "arguments": draw(random)}


def concat(random):
    count = random.randint(1, 3)
    return {
        "schedulers": [some(random) for _ in range(count + 1)],
        "durations": [random.randint(1, 20) for _ in range(count)],
    }


def torch_one(random):
    name, arguments = random.choice(
        [
            ("StepLR", {"step_size": random.randint(1, 9), "gamma": random.uniform(0.1, 1)}),
            ("ExponentialLR", {"gamma": random.uniform(0.8, 1)}),
            ("CosineAnnealingLR", {"T_max": random.randint(2, 30), "eta_min": 1e-6}),
            ("ConstantLR", {"factor": 0.3, "total_iters": random.randint(1, 20)}),
            ("PolynomialLR", {"total_iters": random.randint(1, 20), "power": 2.0}),
            ("LinearLR", {"total_iters": random.randint(1, 20)}),
            ("MultiStepLR", {"milestones": [3, 9, 20], "gamma": 0.3}),
        ]
    )
    return {"call": f"torch.{name}", "arguments": {"lr": lr(random), **arguments}}


def warmed(random):
    inner = random.choice([some, torch_one])(random)
    given = inner["arguments"]
    first = given.get("start_value", given.get("lr"))
    if inner["call"] == "LinearCyclicalScheduler":
        # it computes its first value, and Ignite asks whether the rounded one is the warm-up's end
        given["start_value"], first = random.uniform(2.1, 3), None
    arguments = {
        "lr_scheduler": inner,
        "warmup_start_value": random.choice([0.0, lr(random)]),
        "warmup_duration": random.randint(2, 20),
    }
    if random.random() < 0.7 or "lr" not in given:
        arguments["warmup_end_value"] = random.choice([lr(random), first or 0.25])
    return arguments


def function(name, low=0):
    def draw(random):
        values = [random.choice([low + 1.0, low + random.random()]) for _ in range(9)]
        return {name: {"function": [int(v) + 1 for v in values] if low else values}}

    return draw


def falling(random):
    return {"initial_value": lr(random), "gamma": random.uniform(0.3, 1)}


DRAWS = {
    "LinearCyclicalScheduler": linear,
    "CosineAnnealingScheduler": cosine,
    "PiecewiseLinear": piecewise,
    "ConcatScheduler": concat,
    "LRScheduler": lambda random: {"lr_scheduler": torch_one(random)},
    "create_lr_scheduler_with_warmup": warmed,
    "ReduceLROnPlateauScheduler": None,
    "BatchSizeScheduler": function("scheduler_fn", 1),
    "LambdaStateScheduler": function("lambda_obj"),
    "PiecewiseLinearStateScheduler": piecewise,
    "ExpStateScheduler": falling,
    "StepStateScheduler": lambda random: falling(random) | {"step_size": random.randint(1, 9)},
    "MultiStepStateScheduler": lambda random: (
        falling(random) | {"milestones": sorted(random.choices(range(1, 60), k=3))}
    ),
}


NO_VALUE = "in the first update the engine's state has no value yet"


def case(name, draw):
    if name.endswith("StateScheduler"):
        return Case(name, draw, rates(name), lambda _: 50, lambda _, step: step == 0, NO_VALUE)
    return Case(name, draw, rates(name), lambda _: 50)


CASES = [case(name, draw) for name, draw in DRAWS.items()]
