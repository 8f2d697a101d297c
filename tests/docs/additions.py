"""Uses what CONTRIBUTING adds, as a user would, and prints what there is to see as JSON.

`python additions.py FOLDER DOCS`: it writes files to the one, and the other has `generate.py`.
"""

import doctest
import json
import sys
from importlib import import_module
from pathlib import Path

from click.testing import CliRunner

import glissando as gl
from glissando.cli import main
from glissando.text import json_schema

FOLDER = Path(sys.argv[1])


def cli(*words):
    """Return what a command prints."""
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 0, result.output
    return result.stdout


def forms(schedule):
    """Return the text form; all others have to be read back as the same schedule."""
    path = FOLDER / "schedule.yaml"
    gl.save(schedule, path)
    assert eval(repr(schedule)) == schedule
    assert gl.loads(gl.dumps(schedule)) == gl.load(path) == gl.parse(str(schedule)) == schedule
    return str(schedule)


def seen(name):
    """Return what a family or a recipe looks like on the command line and in the schema."""
    listed = json.loads(cli("families", "--json"))
    definitions = json_schema()["$defs"]
    return {
        "listed": [entry for entry in listed if entry["name"] == name],
        "schema": definitions.get(name),
        "in schedules": name in definitions["schedule"]["properties"]["type"]["enum"],
    }


def shown(text):
    """Return how the command line shows a schedule."""
    return json.loads(cli("show", "--json", text))[text]["schedule"]


def failed(module):
    """Return how many examples of the docstrings fail, and how many there are."""
    return tuple(doctest.testmod(import_module(module)))


class Trainer:
    """What there is of Gluon's to an adapter."""

    def __init__(self):
        self.used = []

    def set_learning_rate(self, rate):
        self.rate = rate

    def step(self, batch_size):
        self.used.append(self.rate)


def trained(scheduler, trainer, updates):
    """Return the rates that a trainer used, and the state of the scheduler then."""
    for _ in range(updates):
        trainer.step(8)
        scheduler.step()
    return trainer.used, scheduler.state_dict()


def adapter():
    """Return what the adapter does before and after an interruption."""
    rate = gl.Linear(1.0, 0.0, steps=4)
    trainer = Trainer()
    used, state = trained(gl.mxnet.Scheduler(trainer, rate), trainer, 3)
    scheduler = gl.mxnet.Scheduler(trainer, rate)
    scheduler.load_state_dict(json.loads(json.dumps(state)))
    used, state = trained(scheduler, trainer, 2)
    try:
        gl.mxnet.Scheduler(trainer, {"momentum": rate})
    except gl.ScheduleError as error:
        return {"used": used, "step": state["step"], "refused": str(error)}
    raise AssertionError("a trainer of Gluon has no momentum")


def dialect():
    """Return a rate of the dialect, and what it says of a word that it does not know."""
    schedule = gl.dialects.mxnet.CosineScheduler(max_update=5, warmup_steps=2, base_lr=1.0)
    try:
        gl.dialects.mxnet.CosineScheduler(5, warmup_mode="cosine")
    except gl.ScheduleError as error:
        return {"rates": [schedule(k) for k in range(5)], "refused": str(error)}
    raise AssertionError("a warm-up of MXNet is no cosine")


if __name__ == "__main__":
    ours = ("families.gaussian", "combinators.blend", "recipes.methods.linear_decay")
    names = {place: f"glissando.{place}.mxnet" for place in ("adapters", "dialects")}
    found = {
        "loaded early": [name for name in names.values() if name in sys.modules],
        "listed": {"adapters": "mxnet" in dir(gl), "dialects": "mxnet" in dir(gl.dialects)},
        "docstrings": [failed(f"glissando.{module}") for module in ours],
        "gaussian": seen("gaussian") | {"text": forms(gl.Gaussian(1.0, width=10))},
        "blend": seen("blend") | {"text": forms(gl.Blend(gl.Linear(1.0, 0.0, steps=4), 0.5, 0.5))},
        "method": shown("linear(1, 0, steps=4).blend(0.5, share=0.5)"),
        "recipe": seen("linear_decay") | {"text": forms(gl.recipes.linear_decay(1.0, 10, "20%"))},
        "called": shown("linear_decay(1, steps=10, warmup=20%)"),
        "cited": cli("cite", "linear_decay"),
        "dialect": dialect(),
        "adapter": adapter(),
    }
    sys.path.append(sys.argv[2])
    generate = import_module("generate")
    families, recipes = generate.families(), generate.recipes()
    found["pages"] = {name: families[name] for name in ("gaussian", "blend")}
    found["pages"] |= {"linear_decay": recipes["linear_decay"]}
    found["pages"] |= {"mxnet": generate.dialects()["mxnet"]}
    print(json.dumps(found))
