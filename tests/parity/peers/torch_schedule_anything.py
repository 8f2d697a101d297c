"""torch-schedule-anything's schedules, stepped after each update of PyTorch's SGD."""

import inspect
import warnings

import torch
from torch_schedule_anything import builtin_schedules

from parity.case import Case

VERSION = "1.2.3"


def classes():
    """Every schedule; what else there is puts PyTorch's own schedulers on other values."""
    return sorted(
        name
        for name, value in vars(builtin_schedules).items()
        if inspect.isfunction(value) and value.__module__ == builtin_schedules.__name__
    )


def rates(name):
    def run(arguments, steps):
        options = dict(arguments)
        weight = torch.nn.Parameter(torch.zeros(()))
        optimizer = torch.optim.SGD([weight], options.pop("lr"))
        scheduler = getattr(builtin_schedules, name)(optimizer, **options)
        found = []
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # its adapter hides from PyTorch that updates are done
            for _ in range(steps):
                found.append(optimizer.param_groups[0]["lr"])
                optimizer.step()
                scheduler.step()
        return found

    return run


def draw(name):
    parameters = inspect.signature(getattr(builtin_schedules, name)).parameters

    def draw(random):
        value = random.choice([1.0, random.uniform(0.01, 3)])
        warmup = random.choice([0, 1, random.randint(2, 30)])
        all_ = {
            "value": value,
            "warmup_to_value": value,
            "anneal_to_value": random.choice([0.0, 0.1 * value, 2 * value, random.random()]),
            "num_warmup_steps": warmup,
            "num_training_steps": warmup + random.choice([-1, 0, 1, random.randint(2, 40)]),
            "polynomial_exponent": random.choice([1.0, 2.0, 3.0, 4.0, random.uniform(0.3, 5)]),
            "warmup_multiplier": random.choice([20.0, 0.0, random.uniform(0.1, 30)]),
        }
        all_["num_training_steps"] = max(0, all_["num_training_steps"])
        given = {name: all_[name] for name in parameters if name in all_}
        for name in ("polynomial_exponent", "warmup_multiplier"):
            if name in given and random.random() < 0.2:  # the default
                del given[name]
        return given | {"lr": random.choice([1.0, 0.1, random.uniform(1e-5, 1)])}

    return draw


def horizon(arguments):
    return arguments.get("num_training_steps", 20) + 5


CASES = [Case(name, draw(name), rates(name), horizon) for name in classes()]
