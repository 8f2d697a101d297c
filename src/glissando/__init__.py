"""Learning-rate schedules: write one once, see it before you train, run it natively everywhere.

    >>> import glissando as gl
    >>> rate = gl.Linear(0.0, 1e-3, steps=500) >> gl.Cosine(1e-3, 1e-5, steps=9_500)
    >>> rate(250), rate.steps  # the rate of update 250; arrays and tensors work, too
    (0.0005, 10000)

A schedule is a frozen value: draw it by `rate.plot()`, keep it by `gl.save` and `gl.load`, train
with it by an adapter such as `gl.torch.Scheduler(optimizer, rate)`.

Families      Constant Linear Polynomial Cosine Exponential Geometric Staircase Piecewise Table
              InverseTime InverseSqrt PowerLaw Sqrt Tanh Rex, and more: `gl.FAMILIES`
Combinators   a >> b, a * b, a + b, a - b, `gl.minimum`, `gl.maximum`, methods of every schedule:
              clip take drop stretch slow hold_each repeat bounce reverse noise strict branch
              rewarm open_ended finish
Recipes       published schedules with their citations, as `gl.recipes.one_cycle`
Dialects      other frameworks' schedules by their own names, as `gl.dialects.torch.OneCycleLR`
Adapters      `gl.keras` `gl.torch` `gl.optax` `gl.transformers` `gl.lightning` `gl.ignite`
              `gl.xgboost` `gl.lightgbm` `gl.catboost` `gl.sklearn`
A run         `gl.plan` counts its steps, `gl.lint` doubts them, `gl.TimeBudget` lands it in time
A metric      `gl.Plateau` and `gl.Greedy` move the rate by it
Runs          `gl.read_curve` reads a `gl.Curve`; `gl.find_rate`, `gl.suggest`, `gl.pilots`,
              `gl.forecast`, `gl.learn_priors`, `gl.transfer_peak` choose rate and schedule
Text          `gl.parse` `gl.dumps` `gl.loads` `gl.from_data`, and code: `gl.source` `gl.formula`
Elsewhere     `gl.read` and `gl.write` configurations and code; `gl.audit` and `gl.infer` a log
Your own      by hand in `gl.design`; `gl.schedule` takes a function; subclass `gl.Schedule`
"""

from glissando import interrupt  # noqa: F401, I001  # before all that takes time to load
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

from glissando import combinators, families
from glissando.combinators import *  # noqa: F403
from glissando.errors import ScheduleError as ScheduleError
from glissando.families import *  # noqa: F403
from glissando.schedule import FAMILIES as FAMILIES
from glissando.schedule import Schedule as _Schedule
from glissando.value import Drawn

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
    from glissando.checks.audit import audit as audit
    from glissando.checks.lint import Finding as Finding
    from glissando.checks.lint import lint as lint
    from glissando.checks.verdict import Verdict as Verdict
    from glissando.clock.batches import batch_ramp as batch_ramp
    from glissando.clock.budget import TimeBudget as TimeBudget
    from glissando.clock.duration import Duration as Duration
    from glissando.clock.duration import duration as duration
    from glissando.clock.plan import Plan as Plan
    from glissando.clock.plan import plan as plan
    from glissando.convert.read import read as read
    from glissando.convert.write import write as write
    from glissando.designer.notebook import design as design
    from glissando.finder.answer import RateRange as RateRange
    from glissando.finder.find import find_rate as find_rate
    from glissando.forecasting.forecast import forecast as forecast
    from glissando.forecasting.laws.base import Prior as Prior
    from glissando.forecasting.learn import learn_priors as learn_priors
    from glissando.forecasting.pilots import Pilot as Pilot
    from glissando.forecasting.pilots import Pilots as Pilots
    from glissando.forecasting.pilots import pilots as pilots
    from glissando.forecasting.suggest import Suggestion as Suggestion
    from glissando.forecasting.suggest import suggest as suggest
    from glissando.forecasting.transfer import PeakRange as PeakRange
    from glissando.forecasting.transfer import transfer_peak as transfer_peak
    from glissando.inference.answer import Inference as Inference
    from glissando.inference.infer import infer as infer
    from glissando.languages.latex import formula as formula
    from glissando.languages.source import source as source
    from glissando.logs.curve import Curve as Curve
    from glissando.logs.read import read_curve as read_curve
    from glissando.picture import plot as plot
    from glissando.plateau import Greedy as Greedy
    from glissando.plateau import GreedyState as GreedyState
    from glissando.plateau import OnPlateau as OnPlateau
    from glissando.plateau import Plateau as Plateau
    from glissando.plateau import PlateauState as PlateauState
    from glissando.schedule import Schedule as Schedule
    from glissando.studies.report.results import StudyResult as StudyResult
    from glissando.studies.study import study as study
    from glissando.text import dumps as dumps
    from glissando.text import from_data as from_data
    from glissando.text import load as load
    from glissando.text import loads as loads
    from glissando.text import save as save
    from glissando.text.parse import parse as parse

__version__ = "0.1.0"

# What needs more than the core is imported when first asked for.
_MEMBERS = {
    name: module
    for module, names in {
        "glissando.adapters.shared.resume": ("ScheduleMismatch",),
        "glissando.checks.audit": ("audit",),
        "glissando.checks.lint": ("Finding", "lint"),
        "glissando.checks.verdict": ("Verdict",),
        "glissando.clock.batches": ("batch_ramp",),
        "glissando.clock.budget": ("TimeBudget",),
        "glissando.clock.duration": ("Duration", "duration"),
        "glissando.clock.plan": ("Plan", "plan"),
        "glissando.convert.read": ("read",),
        "glissando.convert.write": ("write",),
        "glissando.designer.notebook": ("design",),
        "glissando.finder.answer": ("RateRange",),
        "glissando.finder.find": ("find_rate",),
        "glissando.forecasting.forecast": ("forecast",),
        "glissando.forecasting.laws.base": ("Prior",),
        "glissando.forecasting.learn": ("learn_priors",),
        "glissando.forecasting.pilots": ("Pilot", "Pilots", "pilots"),
        "glissando.forecasting.suggest": ("Suggestion", "suggest"),
        "glissando.forecasting.transfer": ("PeakRange", "transfer_peak"),
        "glissando.inference.answer": ("Inference",),
        "glissando.inference.infer": ("infer",),
        "glissando.languages.latex": ("formula",),
        "glissando.languages.source": ("source",),
        "glissando.logs.curve": ("Curve",),
        "glissando.logs.read": ("read_curve",),
        "glissando.picture": ("plot",),
        "glissando.plateau": ("Greedy", "GreedyState", "OnPlateau", "Plateau", "PlateauState"),
        "glissando.studies.report.results": ("StudyResult",),
        "glissando.studies.study": ("study",),
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
        if name == "Schedule":  # asked for anew, also by jsonargparse where an argument is one
            if "jsonargparse" in sys.modules:
                globals()[name] = _Schedule
                import_module("glissando.text.schema").tell_jsonargparse()
            return _Schedule
        if name in _MEMBERS:
            try:
                value = getattr(import_module(_MEMBERS[name]), name)
            except ModuleNotFoundError as error:  # as of a framework: see below
                missing = str(error.name).partition(".")[0]
                extra = "study" if ".studies." in _MEMBERS[name] else "forecast"
                how = f'{missing}: pip install "glissando[{extra}]"'
                raise AttributeError(f"gl.{name} needs {how}") from error
        elif not name.startswith("_") and name in (modules := _modules()):
            try:
                value = import_module(modules[name])
            except ImportError as error:  # `help(gl)` goes on from an AttributeError alone
                from glissando.adapters.shared.frameworks import MissingFramework

                told = isinstance(error, MissingFramework)
                message = str(error) if told else f"gl.{name} cannot be imported: {error}"
                raise AttributeError(message) from error
        else:
            raise AttributeError(f"module 'glissando' has no attribute {name!r}{_where(name)}")
        globals()[name] = value
        return value

    def _where(name: str) -> str:
        """Return where a name is that is not here, of whatever room, or what is nearly like it."""
        from importlib.util import find_spec

        if name.startswith("_") or find_spec(f"glissando.{name}"):  # an import may come to it
            return ""
        from glissando.adapters import NAMES
        from glissando.dialects.shared.directory import known
        from glissando.errors import whereabouts

        adapters = [f"{adapter}.{member}" for adapter, names in NAMES.items() for member in names]
        here = (*families.__all__, *combinators.__all__, *_MEMBERS, *_modules(), *adapters)
        rooms = {path.rpartition(".")[0] for path in known()}
        return whereabouts(name, [*(f"gl.{path}" for path in here), *known(), *sorted(rooms)])

    def __dir__() -> list[str]:
        core = ("FAMILIES", "Schedule", "ScheduleError", "__version__")
        return sorted({*core, *families.__all__, *combinators.__all__, *_modules(), *_MEMBERS})


def _plot(schedule: Any, **options: Any) -> Any:
    """Return the curve as a Plotly figure; see `glissando.plot` for the options."""
    from glissando.picture import plot

    return plot(schedule, **options)


def _mimebundle(schedule: Any, **_options: Any) -> dict[str, Any]:
    from glissando.picture import mimebundle

    return mimebundle(schedule)


def _elsewhere(family: type[_Schedule], words: list[str]) -> str:
    """Return which recipes and dialects take arguments that a family does not."""
    from glissando.dialects.shared.directory import that_take

    found = list(that_take(words, family.__name__))
    takes = "takes" if len(found) == 1 else "take"
    return f"; {' and '.join(found)} {takes} {', '.join(words)}" if found else ""


def _pydantic_schema(family: type[_Schedule], *_unused: Any) -> Any:
    from glissando.text.schema import pydantic_schema

    return pydantic_schema(family)


Drawn.plot = _plot
Drawn._repr_mimebundle_ = _mimebundle
_Schedule.__get_pydantic_core_schema__ = classmethod(_pydantic_schema)
_Schedule._elsewhere = classmethod(_elsewhere)  # type: ignore[method-assign, assignment]
