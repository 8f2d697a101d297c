"""What adapters of boosting libraries share: names, metrics, states in models, and the rounds."""

import inspect
import json
import math
import sys
from collections.abc import Callable, Mapping, Sequence
from types import CodeType
from typing import Any

from glissando.adapters.shared.conflicts import Reaction, react
from glissando.adapters.shared.param_schedules import ParamSchedules, bare
from glissando.adapters.shared.resumable import Finishable
from glissando.adapters.shared.run_length import Rate, compare, for_run, needs_length, tried
from glissando.errors import ScheduleError, shown
from glissando.schedule import Schedule

KEY = "glissando"
"""The name under which a model holds the schedules that it was trained with."""

Metrics = Mapping[str, Mapping[str, Sequence[Any]]]
"""A log of metrics: by the data's name, by the metric's name, one value a round."""


RATE = "learning_rate"
"""The name of what a single schedule sets, in all of them."""


def by_main_name(schedule: Any, aliases: Mapping[str, str], where: str) -> Any:
    """Return schedules by the main names of what they set; a single one as it is."""
    if not isinstance(schedule, Mapping):
        return schedule
    found: dict[str, Any] = {}
    for name, value in schedule.items():
        main = aliases.get(name, name)
        if main in found:
            raise ScheduleError(f"{where}: `{main}` has two schedules, one as `{name}`")
        found[main] = value
    return found


def for_rounds(rate: Any, rounds: int, aliases: Mapping[str, str], where: str) -> ParamSchedules:
    """Return what is followed in a training that ends when the model has so many rounds."""
    if needs_length(rate):
        rate = for_run(rate, rounds, where)
    return ParamSchedules(by_main_name(rate, aliases, where), where, RATE)


def check_before(
    rate: Any, aliases: Mapping[str, str], where: str, known: Sequence[str], why: str
) -> None:
    """Raise before training what can be known then: only a function of the rounds is not called."""
    if (found := tried(rate, where)) is not None:
        ParamSchedules(by_main_name(found, aliases, where), where, RATE).check_names(known, why)


class FollowsRounds(Finishable):
    """What follows schedules over the rounds of a booster, and learns late how many there are.

    Args:
        schedule: what is followed, or what it is made of when training begins.
        aliases: the main names of parameters, by their other ones.
        where: what messages call the adapter.
        known: the parameters that may follow a schedule.
        why: why others cannot.
    """

    def __init__(
        self, schedule: Rate, aliases: Mapping[str, str], where: str, known: Sequence[str], why: str
    ) -> None:
        super().__init__()
        self.schedule = by_main_name(schedule, aliases, where)
        self._aliases = aliases
        self._where = where
        self._known = known, why
        check_before(self.schedule, aliases, where, known, why)
        self._made: ParamSchedules | None = None
        if not needs_length(self.schedule):
            self._make(0)

    @property
    def _schedules(self) -> ParamSchedules:
        """What is followed."""
        if self._made is None:
            raise ScheduleError(
                f"{self._where}: {shown(self.schedule)} becomes a schedule when training begins, "
                "which tells the number of rounds"
            )
        return self._made

    @_schedules.setter
    def _schedules(self, schedules: ParamSchedules) -> None:
        self._made = schedules

    def _make(self, rounds: int) -> None:
        """Begin to follow what was given, in a training that ends after so many rounds in all."""
        self._made = for_rounds(self.schedule, rounds, self._aliases, self._where)
        self._made.check_names(*self._known)

    def __repr__(self) -> str:
        """Say what is followed, and which round is next."""
        followed = self.schedule if self._made is None else self._made.schedule
        return f"{self._where}({followed!r}, step={self._steps_begun()})"


def compare_rounds(schedules: ParamSchedules, rounds: int, where: str, reaction: Reaction) -> None:
    """Report a schedule of the learning rate that does not fit a training.

    It ends too early if a small rate is left for the last rounds, and too late if the rate has not
    left its warm-up then, or the training is less than a tenth of it: one in several parts, or
    that stops early, is no mistake.

    Args:
        schedules: what is followed.
        rounds: how many rounds the model has when training ends, those before it too.
        where: what the message calls the adapter.
        reaction: what to do.
    """
    followed = schedules.followed.get(RATE)
    if followed is None:
        return
    schedule = bare(followed)
    ends = schedule.steps < math.inf
    remedy = (
        "Give lengths in percent of the rounds, as 'linear(0.01, 0.3, steps=10%) >> cosine(0.3, "
        "0.01, steps=rest)'" + f", or write .stretch({rounds}) after the schedule" * ends
    )
    top, later = _highest(schedule, rounds)
    if later > 2 * top:
        length = f"{schedule.steps} steps" if ends else "no end"
        react(
            reaction,
            f"{where}: the schedule of `{RATE}` has {length}, but the run makes {rounds} rounds "
            f"and ends in its warm-up, where the rate is at most {top:.4g} of the {later:.4g} to "
            f"come. {remedy}; if it is meant, pass on_length='ignore'",
        )
    else:
        compare({RATE: followed}, rounds, where, reaction, remedy, unit="rounds", reaches=0.1)


def _highest(schedule: Schedule, rounds: int) -> tuple[float, float]:
    """Return the highest rate of some rounds of a training, and of some after it."""
    # a function of the user's is asked for no step that training does not reach
    if rounds > schedule.steps or schedule.is_opaque():
        return 0.0, 0.0
    end = min(schedule.steps, rounds * 2**20)
    here = {rounds - 1, *(rounds * i // 64 for i in range(64))}
    then = {end * i // 64 for i in range(1, 65)} | {rounds << i for i in range(20)}
    return (
        max(schedule(k) for k in here),
        max((schedule(k) for k in then if rounds <= k <= end), default=0.0),
    )


def codes(*functions: Callable[..., Any]) -> set[CodeType]:
    """Return the code of functions, to find their calls by."""
    found = (getattr(inspect.unwrap(f), "__code__", None) for f in functions)
    return {code for code in found if code is not None}


def call_of(wanted: set[CodeType]) -> Mapping[str, Any]:
    """Return the variables of the training that we are called in; none if it is no known one.

    Callbacks learn what they must know of it in no other way: XGBoost does not tell them the number
    of rounds, nor does any library tell them of one another.
    """
    frame = sys._getframe(1)
    while frame.f_code not in wanted:
        if frame.f_back is None:
            return {}
        frame = frame.f_back
    return frame.f_locals


def dump_state(schedules: ParamSchedules, step: int) -> str:
    """Return what to keep in a model, which counts its rounds itself."""
    state = schedules.state_dict(step)
    del state["step"]
    return json.dumps(state)


def load_state(saved: str, step: int, where: str) -> dict[str, Any]:
    """Return the state that `dump_state` kept in a model, or raise about `where` it stands."""
    try:
        state = json.loads(saved)
    except ValueError:
        state = None
    if not isinstance(state, dict):
        raise ScheduleError(f"{where} is not what a training left there: {shown(saved)}")
    return {**state, "step": step}


def last_metric(log: Metrics, metric: tuple[str, str] | None, where: str, nothing: str) -> Any:
    """Return the last value of the metric that a plateau monitors.

    Args:
        log: the metrics so far.
        metric: the names of the data and of the metric; by default the last ones in the log.
        where: what messages call the adapter.
        nothing: what the message says where there are no metrics.

    Raises:
        ScheduleError: there is no such metric.
    """
    data, name = metric or (None, None)
    try:
        metrics = log[list(log)[-1] if data is None else data]
        return metrics[list(metrics)[-1] if name is None else name][-1]
    except (KeyError, IndexError):
        known = ", ".join(str((d, n)) for d, names in log.items() for n in names)
        raise ScheduleError(
            f"{where}: a plateau monitors {metric or 'a metric'}, but "
            + (f"there is only {known}" if known else nothing)
        ) from None
