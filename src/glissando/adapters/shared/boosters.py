"""What adapters of boosting libraries share: names of parameters, metrics, states in models."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from glissando.adapters.shared.param_schedules import ParamSchedules
from glissando.errors import ScheduleError, shown

KEY = "glissando"
"""The name under which a model holds the schedules that it was trained with."""

Metrics = Mapping[str, Mapping[str, Sequence[Any]]]
"""A log of metrics: by the data's name, by the metric's name, one value a round."""


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
