"""NeMo's schedulers, run by NeMo itself with PyTorch's SGD."""

import importlib
import importlib.util
import sys
import types
import warnings
from pathlib import Path

import torch

from parity.case import Case, lr


def module(name, folder=None, **names):
    """Stand in for a module that schedulers do not need, or for a package around theirs."""
    found = types.ModuleType(name)
    if folder is not None:
        found.__path__ = [str(folder)]
    vars(found).update(names)
    sys.modules[name] = found


(folder,) = importlib.util.find_spec("nemo").submodule_search_locations
folder = Path(folder)
unused = dict.fromkeys(("get_scheduler_config", "register_scheduler_params", "SchedulerParams"))
module("omegaconf", DictConfig=dict, OmegaConf=None)
module("nemo", folder)
module("nemo.core", folder / "core")
module("nemo.core.optim", folder / "core/optim")
module("nemo.core.classes", folder)
module("nemo.core.classes.common", safe_instantiate=None)
module("nemo.core.config", folder, **unused)
module("nemo.core.config.schedulers", **unused)
module("nemo.utils", folder, logging=None)
module("nemo.utils.model_utils", maybe_update_config_version=None)
schedulers = importlib.import_module("nemo.core.optim.lr_scheduler")

VERSION = "3.0.0"


def classes():
    """NeMo's own by their names in its files; the others are PyTorch's."""
    available = schedulers.AVAILABLE_SCHEDULERS
    return sorted(name for name in available if available[name].__module__ == schedulers.__name__)


def rates(name):
    """What each update uses: the scheduler steps after the optimizer, and once when it is built."""

    def run(arguments, steps):
        options = dict(arguments)
        weights = [torch.nn.Parameter(torch.zeros(1))]
        optimizer = torch.optim.SGD(weights, lr=options.pop("lr"))
        found = []
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            scheduler = schedulers.AVAILABLE_SCHEDULERS[name](optimizer, **options)
            for _ in range(steps):
                found.append(float(optimizer.param_groups[0]["lr"]))
                optimizer.step()
                scheduler.step()
        return found

    return run


def length(random, name, most):
    """A length in steps or as a ratio, or none."""
    steps = random.randint(0, most)
    return random.choice([{}, {f"{name}_steps": steps}, {f"{name}_ratio": steps / 101}])


def bounded(random):
    rate = lr(random)
    return {
        "lr": rate,
        "max_steps": random.randint(30, 60),
        "min_lr": rate * random.choice([0.0, 0.1]),
    }


def warmed(random):
    return bounded(random) | length(random, "warmup", 12)


def held(random):
    return warmed(random) | length(random, "hold", 12)


def cosine(random):
    return warmed(random) | length(random, "constant", random.choice([12, 60]))


def noam(random):
    return warmed(random) | {"d_model": random.choice([1, 256, 512])}


def noam_hold(random):
    rate = random.choice([0.5, 1.0, random.uniform(0.3, 2)])
    own = {"decay_rate": rate, "warmup_steps": random.randint(1, 12)}
    return bounded(random) | length(random, "hold", 12) | own


def power(random):
    return {"power": random.choice([1.0, 2.0, random.uniform(0.3, 3)])}


def t5(random):
    return bounded(random) | {
        "constant_steps": random.randint(1, 20),
        "min_lr": random.choice([0.0, 0.05]),
    }


DRAWS = {
    "CosineAnnealing": cosine,
    "InverseSquareRootAnnealing": warmed,
    "NoamAnnealing": noam,
    "NoamHoldAnnealing": noam_hold,
    "PolynomialDecayAnnealing": lambda random: warmed(random) | power(random),
    "PolynomialHoldDecayAnnealing": lambda random: held(random) | power(random),
    "SquareAnnealing": warmed,
    "SquareRootAnnealing": warmed,
    "T5InverseSquareRootAnnealing": t5,
    "WarmupAnnealing": warmed,
    "WarmupHoldAnnealLinear": held,
    "WarmupHoldAnnealOneMinusSquareRoot": held,
    "WarmupHoldPolicy": held,
    "WarmupPolicy": warmed,
}

CASES = [
    Case(name, draw, rates(name), horizon=lambda arguments: arguments["max_steps"])
    for name, draw in DRAWS.items()
]
