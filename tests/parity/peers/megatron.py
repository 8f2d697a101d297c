"""Megatron's scheduler of learning rate and weight decay, stepped by samples."""

import sys
import types

from parity.case import Case

# what megatron.core imports, and its scheduler does not need
core = types.ModuleType("megatron.core")
utils = types.ModuleType("megatron.core.utils")
utils.log_single_rank = lambda *args: None


def scheduler_class():
    import importlib.util
    from pathlib import Path

    folder = Path(importlib.util.find_spec("megatron").submodule_search_locations[0])
    core.__path__ = [str(folder / "core")]
    sys.modules |= {"megatron.core": core, "megatron.core.utils": utils}
    module = importlib.import_module("megatron.core.optimizer_param_scheduler")
    return module.OptimizerParamScheduler


OptimizerParamScheduler = scheduler_class()

VERSION = "0.16.1"


def classes():
    """The only one there is."""
    return ["OptimizerParamScheduler"]


def rates(arguments, steps):
    options = dict(arguments)
    of, increment = options.pop("of"), options.pop("increment", 1)
    optimizer = types.SimpleNamespace(param_groups=[{}])
    scheduler = OptimizerParamScheduler(optimizer, **options)
    found = []
    for _ in range(steps):
        found.append(float(optimizer.param_groups[0][of]))
        scheduler.step(increment)
    return found


def draw(random):
    increment = random.choice([1, 1, 4, 7])
    peak = random.choice([1.0, 3e-4, random.uniform(1e-5, 1)])
    warmup = random.choice([0, 1, random.randint(0, 30 * increment)])
    left = random.choice([1, random.randint(1, 50 * increment)])
    style = random.choice(["constant", "linear", "cosine"])
    wd = random.choice([0.0, 0.01, random.random()])
    arguments = {
        "init_lr": random.choice([0.0, peak * random.random()]),
        "max_lr": peak,
        "min_lr": random.choice([0.0, peak * random.random(), peak]),
        "lr_warmup_steps": warmup,
        "lr_decay_steps": warmup + left,
        "lr_decay_style": random.choice(
            ["constant", "linear", "cosine", "inverse-square-root", "WSD", "WSD", "WSD"]
        ),
        "start_wd": wd,
        "end_wd": wd if style == "constant" else wd + random.random(),
        "wd_incr_steps": random.randint(1, 50 * increment),
        "wd_incr_style": style,
        "increment": increment,
        "of": random.choice(["lr", "lr", "lr", "weight_decay"]),
    }
    if arguments["lr_decay_style"] == "WSD":
        styles = ["linear", "cosine", "exponential", "minus_sqrt"]
        arguments["lr_wsd_decay_style"] = random.choice(styles)
        arguments["wsd_decay_steps"] = random.randint(0, left + random.choice([0, 5]))
        arguments["wsd_decay_steps"] = min(arguments["wsd_decay_steps"], warmup + left)
    return arguments


def horizon(arguments):
    return -(-arguments["lr_decay_steps"] // arguments["increment"]) + 3


CASES = [Case("OptimizerParamScheduler", draw, rates, horizon)]
