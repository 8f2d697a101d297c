"""Schedules as a chart."""

from collections.abc import Callable, Mapping
from typing import Any

from glissando.clock.plan import Plan
from glissando.errors import ScheduleError, one_of, shown
from glissando.families.function import schedule as wrapped
from glissando.pages import COLORS, cut
from glissando.picture.drawing import (
    RATE,
    Drawing,
    Line,
    Panel,
    logged_points,
    on_axis,
    panel_of,
    phases_of,
)
from glissando.picture.sample import Points, last_step, own_last, sample
from glissando.plateau import OnPlateau
from glissando.rules import MAX_STEP, STEPS, Number, is_sequence
from glissando.schedule import Schedule

Drawable = Schedule | OnPlateau | Callable[[Any], Any]

Drawables = Drawable | Mapping[str, Drawable] | Mapping[str, Mapping[str, Drawable]]

UNITS = ("step", "epoch")

BACKENDS = ("plotly", "matplotlib")

RATES = ("lr", "learning_rate")

HYPERPARAMETERS = (
    *RATES, "momentum", "weight_decay", "beta_1", "beta_2", "beta1", "beta2", "betas[0]",
    "betas[1]", "b1", "b2",
)  # fmt: skip
"""Names of what is scheduled beside the rate: schedules of these names get a panel each."""

PER_EPOCH = Number(0, MAX_STEP, above=True)


def plot(
    schedules: Drawables,
    *,
    title: str | None = None,
    unit: str = "step",
    steps: int | None = None,
    log: bool = False,
    logged: Any = None,
    per_epoch: float | Plan | None = None,
    backend: str = "plotly",
) -> Any:
    """Return a chart of one or several schedules: the rate over the steps.

    However long a schedule is, its line has at most 2,000 points and every corner: the breaks of
    the schedule are among the points, each with the step before it. The parts of a single schedule,
    such as its warm-up, are shaded and named.

    Args:
        schedules: a schedule, or several by their names; functions of your own, too, and schedules
            on a plateau, which are drawn as they are until a metric moves them: their names say so.
            Hyperparameters, as in `{"lr": a, "momentum": b}`, get a panel each below each other; so
            do those of several runs, as in `{"mine": {"lr": a, "momentum": b}, "yours": ...}`.
        title: the chart's title; by default "Learning Rate over time (step)", or "(epoch)".
        unit: what a step of these schedules is, "step" or "epoch".
        steps: how many steps of each to draw, from 0 to `steps` - 1. By default a schedule is
            drawn to its end; one that never ends over twice the time to its last corner, or until
            its rate has halved, but as far as the others are drawn.
        log: whether the axis of rates is logarithmic. It has no 0: such rates are not drawn, and
            the chart says so.
        logged: what a run has used, drawn as dots over the plan: a run as `gl.read_curve` reads it,
            rates by their steps, pairs of a step and a rate, a list of the rates of all steps, or
            what Keras's `fit` returns.
        per_epoch: how many updates an epoch has, or the run's plan: of updates it gives a second
            axis, of epochs; and a rate of an epoch is drawn as training holds it, until the next.
        backend: what draws it: "plotly", or "matplotlib" for papers.

    Returns:
        A `plotly.graph_objects.Figure`, or a `matplotlib.figure.Figure`. Show it, style it, or
        write it with `glissando.picture.save`: the first as .html, the second as .svg, .pdf or
        .png.

    Raises:
        ScheduleError: an argument breaks its rule.
        ImportError: plotly or matplotlib is not installed.

    Example:
        >>> from glissando import Constant, Linear
        >>> figure = plot({"warm-up": Linear(0.0, 0.1, steps=5), "flat": Constant(0.1)})
        >>> figure.data[0].name, figure.data[0].x, figure.data[0].y[-1]
        ('warm-up', (0, 1, 2, 3, 4, 5), 0.1)
    """
    one_of(backend, BACKENDS, "plot: `backend`")
    drawing = drawing_of(
        schedules,
        title=title,
        unit=unit,
        steps=steps,
        log=log,
        logged=logged,
        per_epoch=per_epoch,
    )
    if backend == "matplotlib":
        from glissando.picture.paper import figure_of
    else:
        from glissando.picture.interactive import figure_of
    return figure_of(drawing)


def drawing_of(
    schedules: Drawables,
    *,
    title: str | None = None,
    unit: str = "step",
    steps: int | None = None,
    log: bool = False,
    logged: Any = None,
    per_epoch: float | Plan | None = None,
) -> Drawing:
    """Return what a chart shows; the arguments are those of `plot`."""
    if unit not in UNITS:
        raise ScheduleError(f"plot: `unit` must be 'step' or 'epoch', got {shown(unit)}")
    panels, first = [], 0
    several = isinstance(schedules, Mapping)
    found = _by_panel(schedules)
    points = _sampled({(p, n): s for p, lines in found.items() for n, s in lines.items()}, steps)
    for name, drawn in found.items():
        own = {n: points[name, n] for n in drawn}
        panels.append(panel_of(_label(name), own, first, log=log))
        first += len(own) if len(found) == 1 or len(own) == 1 else 0
    if logged is not None:
        at, rates = logged_points(logged)
        dots = Line("logged", at, on_axis(rates, log=log), COLORS[first % len(COLORS)], dots=True)
        lines = panels[0].lines if several else (panels[0].lines[0]._replace(name="plan"),)
        panels[0] = Panel(panels[0].title, (*lines, dots))
    notes = [] if several else [next(iter(found[""]))]
    if any(rate is None for panel in panels for line in panel.lines for rate in line.rates):
        notes.append("rates of 0 are not on a logarithmic axis")
    last = max(line.steps[-1] for panel in panels for line in panel.lines)
    ((panel, only), *others) = points
    named = () if others else phases_of(found[panel][only], last)
    return Drawing(
        title=f"Learning Rate over time ({unit})" if title is None else title,
        subtitle="; ".join(notes),
        unit=unit,
        panels=tuple(panels),
        phases=named,
        per_epoch=None if per_epoch is None or unit == "epoch" else _per_epoch(per_epoch),
        log=log,
        held=unit == "epoch" and per_epoch is not None,
        legend=logged is not None or (several and ("" in found or len(points) > len(found))),
    )


def points_of(schedules: Drawable | Mapping[str, Drawable], steps: int | None) -> dict[str, Points]:
    """Return the points of each schedule's line by its name; the arguments are those of `plot`."""
    return _sampled(_by_name(schedules), steps)


def _by_panel(schedules: Any) -> dict[str, dict[str, Schedule]]:
    """Return the schedules of each panel: it has no name where there is only one."""
    if isinstance(schedules, Mapping):
        if any(isinstance(each, Mapping) for each in schedules.values()):
            found: dict[str, dict[str, Schedule]] = {}
            for name, each in schedules.items():
                inner = each if isinstance(each, Mapping) else {RATES[0]: each}
                for hyperparameter, schedule in _by_name(inner).items():
                    found.setdefault(hyperparameter, {})[str(name)] = schedule
            return found
        if len(schedules) > 1 and all(name in HYPERPARAMETERS for name in schedules):
            return {name: {name: schedule} for name, schedule in _by_name(schedules).items()}
    return {"": _by_name(schedules)}


def _by_name(schedules: Any) -> dict[str, Schedule]:
    if not isinstance(schedules, Mapping):
        if is_sequence(schedules):
            raise ScheduleError(
                "plot: `schedules` must be a schedule, or several by their names: write "
                f'{{"first": a, "second": b}}, got {shown(schedules)}'
            )
        schedules = {cut(str(_schedule(schedules, "`schedules`")), 80): schedules}
    if not schedules:
        raise ScheduleError("plot: `schedules` must be one or more, got none")
    return {
        _named(str(name), value): _schedule(value, f"`schedules[{name!r}]`")
        for name, value in schedules.items()
    }


def _sampled(found: Mapping[Any, Schedule], steps: int | None) -> dict[Any, Points]:
    if steps is not None:
        last = int(STEPS.check(steps, "plot: `steps`")) - 1
        return {name: sample(schedule, last) for name, schedule in found.items()}
    last = last_step(found.values())
    return {
        name: sample(schedule, int(min(last, own_last(schedule))))
        for name, schedule in found.items()
    }


def _schedule(value: object, where: str) -> Schedule:
    if isinstance(value, Schedule):
        return value
    if isinstance(value, OnPlateau):
        return value.schedule
    if callable(value):
        return wrapped(value)
    raise ScheduleError(f"plot: {where} must be a schedule, got {shown(value)}")


def _named(name: str, value: object) -> str:
    return f"{name}{' (not moved by its plateau)' * isinstance(value, OnPlateau)}"


def _label(panel: str) -> str:
    return RATE if panel in ("", *RATES) else panel


def _per_epoch(given: Any) -> float:
    if isinstance(given, Plan):
        if given.steps_per_epoch is None:
            raise ScheduleError("plot: `per_epoch` must be a plan of epochs, got one without any")
        return float(given.steps_per_epoch)
    return float(PER_EPOCH.check(given, "plot: `per_epoch`"))
