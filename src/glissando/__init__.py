"""Learning-rate schedules: write one once, see it before you train, run it natively everywhere.

    >>> import glissando as gl
    >>> rate = gl.Linear(0.0, 1e-3, steps=500) >> gl.Cosine(1e-3, 1e-5, steps=9_500)
    >>> rate(250), rate.steps  # the rate of update 250; arrays and tensors work, too
    (0.0005, 10000)

A schedule is a frozen value: draw it by `rate.plot()`, keep it by `gl.save` and `gl.load`, train
with it by an adapter such as `gl.torch.Scheduler(optimizer, rate)`.

Families      Constant Linear Polynomial Cosine Exponential Geometric Staircase Piecewise Table
              InverseTime InverseSqrt PowerLaw Sqrt Tanh Rex, and more: `gl.FAMILIES`
Combinators   a >> b, a * b, a + b, `gl.minimum`, `gl.maximum`, and methods of every schedule:
              clip take drop stretch slow hold_each repeat bounce reverse noise strict branch
              rewarm open_ended finish
Recipes       published schedules with their citations, as `gl.recipes.one_cycle`
Dialects      other frameworks' schedules by their own names, as `gl.dialects.torch.OneCycleLR`
Adapters      `gl.keras` `gl.torch` `gl.optax` `gl.transformers` `gl.lightning` `gl.ignite`
              `gl.xgboost` `gl.lightgbm` `gl.catboost` `gl.sklearn`
A run         `gl.plan` and `gl.duration` count its steps, `gl.lint` finds probable mistakes
A metric      `gl.Plateau` and `gl.Greedy` move the rate by it
Text          `gl.parse` `gl.dumps` `gl.loads` `gl.from_data`, and code: `gl.source` `gl.formula`
Your own      `gl.schedule` takes a function; a subclass of `gl.Schedule` is a family
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from glissando import combinators, families
from glissando.combinators import *  # noqa: F403
from glissando.errors import ScheduleError as ScheduleError
from glissando.families import *  # noqa: F403
from glissando.schedule import FAMILIES as FAMILIES
from glissando.schedule import Schedule as Schedule

if TYPE_CHECKING:
    from glissando import dialects as dialects
    from glissando import recipes as recipes
    from glissando.adapters import catboost as catboost
    from glissando.adapters import ignite as ignite
    from glissando.adapters import keras as keras
    from glissando.adapters import lightgbm as lightgbm
    from glissando.adapters import lightning as lightning
    from glissando.adapters import optax as optax
    from glissando.adapters import sklearn as sklearn
    from glissando.adapters import torch as torch
    from glissando.adapters import transformers as transformers
    from glissando.adapters import xgboost as xgboost
    from glissando.adapters.shared.resume import ScheduleMismatch as ScheduleMismatch
    from glissando.audit.lint import Finding as Finding
    from glissando.audit.lint import lint as lint
    from glissando.clock.duration import Duration as Duration
    from glissando.clock.duration import duration as duration
    from glissando.clock.plan import Plan as Plan
    from glissando.clock.plan import plan as plan
    from glissando.languages.latex import formula as formula
    from glissando.languages.source import source as source
    from glissando.picture import plot as plot
    from glissando.plateau import Greedy as Greedy
    from glissando.plateau import GreedyState as GreedyState
    from glissando.plateau import OnPlateau as OnPlateau
    from glissando.plateau import Plateau as Plateau
    from glissando.plateau import PlateauState as PlateauState
    from glissando.text import dumps as dumps
    from glissando.text import from_data as from_data
    from glissando.text import load as load
    from glissando.text import loads as loads
    from glissando.text import parse as parse
    from glissando.text import save as save

__version__ = "0.1.0"

# What needs more than the core is imported when first asked for.
_MEMBERS = {
    name: module
    for module, names in {
        "glissando.adapters.shared.resume": ("ScheduleMismatch",),
        "glissando.audit.lint": ("Finding", "lint"),
        "glissando.clock.duration": ("Duration", "duration"),
        "glissando.clock.plan": ("Plan", "plan"),
        "glissando.languages.latex": ("formula",),
        "glissando.languages.source": ("source",),
        "glissando.picture": ("plot",),
        "glissando.plateau": ("Greedy", "GreedyState", "OnPlateau", "Plateau", "PlateauState"),
        "glissando.text": ("dumps", "from_data", "load", "loads", "parse", "save"),
    }.items()
    for name in names
}


def _modules() -> dict[str, str]:
    """Return the public modules by their names: an adapter is a file or folder in `adapters`."""
    from pkgutil import iter_modules

    folder = import_module("glissando.adapters").__path__
    found = {entry.name for entry in iter_modules(folder)} - {"shared"}
    rooms = {name: f"glissando.{name}" for name in ("dialects", "recipes")}
    return rooms | {name: f"glissando.adapters.{name}" for name in found}


if not TYPE_CHECKING:  # a type checker is to report names that do not exist

    def __getattr__(name: str) -> Any:
        if name in _MEMBERS:
            value = getattr(import_module(_MEMBERS[name]), name)
        elif not name.startswith("_") and name in (modules := _modules()):
            try:
                value = import_module(modules[name])
            except ImportError as error:  # `help(gl)` goes on from an AttributeError alone
                raise AttributeError(f"gl.{name} cannot be imported: {error}") from error
        else:
            raise AttributeError(f"module 'glissando' has no attribute {name!r}")
        globals()[name] = value
        return value

    def __dir__() -> list[str]:
        core = ("FAMILIES", "Schedule", "ScheduleError", "__version__")
        return sorted({*core, *families.__all__, *combinators.__all__, *_modules(), *_MEMBERS})


def _plot(schedule: Schedule, **options: Any) -> Any:
    """Return the curve as a Plotly figure; see `glissando.plot` for the options."""
    from glissando.picture import plot

    return plot(schedule, **options)


def _mimebundle(schedule: Schedule, **_options: Any) -> dict[str, Any]:
    from glissando.picture import mimebundle

    return mimebundle(schedule)


def _pydantic_schema(family: type[Schedule], *_unused: Any) -> Any:
    from glissando.text.schema import pydantic_schema

    return pydantic_schema(family)


Schedule.plot = _plot
Schedule._repr_mimebundle_ = _mimebundle
Schedule.__get_pydantic_core_schema__ = classmethod(_pydantic_schema)
