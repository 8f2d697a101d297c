"""torchtitan's schedule, as its trainer builds it, on PyTorch's SGD."""

import sys
import types

import torch

from parity.case import Case

VERSION = "0.3.0"


def module(name, **names):
    """Stand in for what the schedule's file imports and does not need."""
    found = types.ModuleType(name)
    vars(found).update(names)
    sys.modules[name] = found
    return found


class Configurable:
    class Config:
        pass


def scheduler_module():
    import importlib.util
    from pathlib import Path

    folder = Path(importlib.util.find_spec("torchtitan").submodule_search_locations[0])
    module("torchtitan.config", Configurable=Configurable)
    module("torchtitan.tools")
    logger = types.SimpleNamespace(warning=lambda text: None)
    module("torchtitan.tools.logging", logger=logger)
    package = module("torchtitan.components.optimizer")
    package.__path__ = [str(folder / "components" / "optimizer")]
    module("torchtitan.components.optimizer.optimizer", OptimizersContainer=list)
    return importlib.import_module("torchtitan.components.optimizer.lr_scheduler")


schedulers = scheduler_module()


def classes():
    """The only one there is."""
    return list(schedulers.__all__)


def rates(arguments, steps):
    options = dict(arguments)
    weight = torch.nn.Parameter(torch.zeros(()))
    optimizer = torch.optim.SGD([weight], options.pop("lr"))
    training_steps = options.pop("training_steps")
    config = schedulers.LRSchedulersContainer.Config(**options)
    container = config.build(optimizers=[optimizer], training_steps=training_steps)
    found = []
    try:
        for _ in range(steps):
            found.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            container.step()
    except AssertionError:
        pass
    return (found + [None] * steps)[:steps]


def draw(random):
    total = random.choice([1, 2, random.randint(3, 50)])
    arguments = {
        "lr": random.choice([1.0, 3e-4, random.uniform(1e-5, 1)]),
        "training_steps": total,
        "warmup_steps": random.choice([0, 1, random.randint(0, total + 3)]),
        "decay_type": random.choice(["linear", "sqrt", "cosine"]),
        "min_lr_factor": random.choice([0.0, 0.1, random.random()]),
    }
    if random.random() < 0.7:
        arguments["decay_ratio"] = random.choice([0.0, 0.2, random.random(), 1.0])
    if random.random() < 0.2:
        arguments["total_steps"] = random.randint(1, 50)
    return arguments


def horizon(arguments):
    return max(arguments["training_steps"], arguments.get("total_steps") or 0) + 2


CASES = [Case("LRSchedulersContainer", draw, rates, horizon)]
