"""fastai's schedules, in trainings by its own Learner."""

import sys
import types
from contextlib import redirect_stdout
from io import StringIO

from parity.case import Case, resolved


class Nothing:
    """Stands in for what is imported for progress bars and pictures."""

    def __init__(self, *args, **options):
        pass

    def __call__(self, *args, **options):
        return self

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return self


def stand_in(name):
    if name.startswith("__"):
        raise AttributeError(name)
    return Nothing()


for name in ("fasthtml", "fasthtml.common", "fastprogress", "fastprogress.fastprogress"):
    sys.modules[name] = types.ModuleType(name)
    sys.modules[name].__getattr__ = stand_in
    sys.modules[name].__path__ = []
sys.modules["torchvision"] = sys.modules["fasthtml"]

import torch  # noqa: E402
from fastai.callback import schedule  # noqa: E402
from fastai.callback.core import Callback  # noqa: E402
from fastai.data.core import DataLoaders  # noqa: E402
from fastai.data.load import DataLoader  # noqa: E402
from fastai.learner import Learner  # noqa: E402
from fastai.optimizer import SGD  # noqa: E402

VERSION = "2.8.12"
ULPS = 8
"""It counts shares of training in float32, which short phases magnify."""
FITS = ("fit_one_cycle", "fit_flat_cos", "fit_sgdr", "fine_tune")
NOTE = "compared in training alone, which ends before `steps`"


def classes():
    """The schedules, and the ways to train with one."""
    helpers = ("annealer", "ParamScheduler", "SuggestionMethod")
    names = [n for n in schedule.__all__ if n[0].isupper() or n.startswith("comb")]
    return sorted({*names, *FITS} - {*helpers})


class Watch(Callback):
    """Write down what each update uses."""

    order = 70

    def __init__(self, what):
        self.what, self.found = what, []

    def before_batch(self):
        if self.training:
            self.found.append(float(self.opt.hypers[-1][self.what]))


def learner(batches, watch):
    rows = [(torch.ones(1), torch.zeros(1))] * batches
    loader = DataLoader(rows, bs=1)
    loss = torch.nn.functional.mse_loss
    return Learner(
        DataLoaders(loader, loader), torch.nn.Linear(1, 1), loss, opt_func=SGD, cbs=[watch]
    )


def make(name, arguments):
    options = {k: v for k, v in arguments.items() if k != "steps"}
    return getattr(schedule, name)(**options)


def rates(name):
    def run(arguments, steps):
        watch = Watch(arguments.get("of", "lr"))
        with redirect_stdout(StringIO()):
            if name in FITS:
                options = {k: v for k, v in arguments.items() if k not in ("steps_per_epoch", "of")}
                model = learner(arguments["steps_per_epoch"], watch)
                with model.no_logging():
                    getattr(model, name)(**options)
            elif name == "LRFinder":
                model = learner(1000, watch)
                with model.no_logging():
                    model.fit(1, cbs=[schedule.LRFinder(**arguments, stop_div=False)])
                return watch.found[: max(arguments["num_it"], 6)]
            else:
                length = arguments["steps"]
                model = learner(length, watch)
                rate = make(name, resolved(arguments, make))
                with model.no_logging():
                    model.fit(1, cbs=[schedule.ParamScheduler({"lr": rate})])
        return watch.found

    return run


def lr(random):
    return random.choice([1.0, 0.1, random.uniform(1e-3, 2)])


def plain(random, zero=True):
    ends = [lr(random), random.choice([0.0, lr(random)] if zero else [lr(random)])]
    random.shuffle(ends)
    return {"start": ends[0], "end": ends[1], "steps": random.randint(1, 30)}


def one(random):
    name = random.choice(["SchedLin", "SchedCos", "SchedNo"])
    return {"call": name, "arguments": plain(random)}


def combined(random):
    pcts = random.choice([[0.5, 0.5], [0.25, 0.5, 0.25], [0.3, 0.7], [1.0], [0.125, 0.875]])
    return {
        "pcts": pcts,
        "scheds": [one(random) for _ in pcts],
        "steps": random.randint(3, 40),
    }


def share(random):
    return random.choice([0.0, 0.25, 0.3, 0.5, 0.75, random.uniform(0.1, 0.9)])


def cosines(random):
    return {
        "pct": share(random),
        "start": lr(random),
        "middle": lr(random),
        "end": random.choice([0.0, lr(random)]),
        "steps": random.randint(3, 40),
    }


def sgdr(random):
    cycles, mult, length = random.choice([(1, 2, 3), (2, 2, 1), (3, 2, 1), (4, 2, 1), (2, 3, 1)])
    return {
        "n_cycles": cycles,
        "cycle_len": length,
        "lr_max": lr(random),
        "cycle_mult": mult,
        "steps_per_epoch": random.randint(2, 5),
    }


def fit(random):
    return {"n_epoch": random.randint(1, 4), "steps_per_epoch": random.randint(2, 9)}


def one_cycle(random):
    return fit(random) | {
        "lr_max": lr(random),
        "div": random.choice([25.0, random.uniform(1, 50)]),
        "pct_start": share(random),
        "of": random.choice(["lr", "mom"]),
    }


def tuned(random):
    arguments = {
        "epochs": random.randint(1, 3),
        "base_lr": lr(random),
        "freeze_epochs": random.randint(1, 2),
        "steps_per_epoch": random.randint(2, 9),
    }
    if random.random() < 0.5:
        arguments |= {"pct_start": share(random), "div": random.uniform(1, 9)}
    return arguments


DRAWS = {
    "SchedNo": plain,
    "SchedLin": plain,
    "SchedCos": plain,
    "SchedExp": lambda random: plain(random, zero=False),
    "SchedPoly": lambda random: plain(random) | {"power": random.uniform(0.3, 4)},
    "combine_scheds": combined,
    "combined_cos": cosines,
    "fit_one_cycle": one_cycle,
    "fit_flat_cos": lambda random: fit(random) | {"lr": lr(random), "pct_start": share(random)},
    "fit_sgdr": sgdr,
    "fine_tune": tuned,
    "LRFinder": lambda random: {
        "start_lr": random.uniform(1e-7, 1e-4),
        "end_lr": random.uniform(0.1, 10),
        "num_it": random.randint(5, 60),
    },
}

CASES = [Case(name, draw, rates(name), note=NOTE) for name, draw in DRAWS.items()]
