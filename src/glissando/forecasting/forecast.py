"""What a schedule will give before it is run: laws of the loss, fitted to pilots."""

import math
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from glissando.errors import ScheduleError, one_of, shown
from glissando.forecasting.backtest import BackTest
from glissando.forecasting.best import Best, Cooldown, best
from glissando.forecasting.cooldowns import LATER, Cooldowns, cooldowns
from glissando.forecasting.distance import about
from glissando.forecasting.doubts import examine
from glissando.forecasting.figures import loss_chart
from glissando.forecasting.fit import peak_of
from glissando.forecasting.history import sampled
from glissando.forecasting.interval import DIFFER, NORMAL
from glissando.forecasting.laws import LAWS, Law, Prior
from glissando.forecasting.pilot_group import DRAWS, PilotGroup, groups
from glissando.forecasting.prediction import Prediction, Ranked, Ranking
from glissando.logs.curve import Curve
from glissando.pages import COLORS
from glissando.rules import Number
from glissando.schedule import Schedule
from glissando.text.files import VERSION, write_whole
from glissando.text.formats import write_json

POINTS = 60
"""About how many losses a predicted curve has."""

STEP = Number(1, 2**53, whole=True)


class Forecast:
    """Laws of the loss, fitted to pilots; `gl.forecast` makes one.

    Call it with a schedule, get a `Prediction`.

    Attributes:
        curves: the pilots.
        groups: the pilots by their peaks, with the laws fitted to each.
        doubts: what speaks against these pilots, in sentences.
    """

    def __init__(
        self,
        curves: Sequence[Curve],
        laws: Sequence[str],
        priors: Mapping[str, Mapping[str, Prior]],
        seed_noise: float | None,
    ) -> None:
        findings = examine(curves)
        if findings.refusals:
            raise ScheduleError("forecast: " + "; ".join(findings.refusals))
        self.curves = findings.usable
        self.doubts = findings.doubts
        peaks = groups(self.curves)
        total = 2 * len(peaks) * len(laws)
        with tqdm(desc="laws", total=total, delay=2, leave=False, disable=None) as bar:
            self.groups = [
                PilotGroup(group, laws, priors, seed_noise, bar.update) for group in peaks
            ]

    def __call__(self, schedule: Schedule, step: int | None = None) -> Prediction:
        """Return what a schedule is predicted to give.

        Args:
            schedule: the schedule, from its first update on.
            step: after how many updates; by default at the schedule's end.

        Raises:
            ScheduleError: the schedule never ends and there is no `step`; its rates are 0.
        """
        step = self._step(schedule, step)
        group = self.group_of(schedule, step)
        first = max(step // POINTS, 1)
        early = np.geomspace(max(first // 10, 1), first, POINTS // 10)
        even = np.linspace(first, step, POINTS)
        steps = np.unique(np.concatenate([early, even]).astype(np.int64))
        at, rates = sampled(schedule, step)
        steps = steps[steps > at[np.flatnonzero(rates)[0]]]  # before, nothing is learned
        losses, by_law = group.predict(schedule, steps)
        loss = float(losses[-1])
        half = group.half_width(loss, by_law[:, -1], step)
        curve = Curve(
            schedule, steps.tolist(), losses.tolist(), name="predicted", kind=self.curves[0].kind
        )
        doubts = (*self.doubts, *about(schedule, group.shown, step))
        laws = dict(zip(group.fits, map(float, by_law[:, -1]), strict=True))
        return Prediction(loss, loss - half, loss + half, curve, doubts, laws)

    def rank(self, schedules: Mapping[str, Schedule], step: int | None = None) -> Ranking:
        """Return schedules, the best first, each with the probability that it is the best.

        Schedules of one peak share their pilots' errors. Peaks are compared by their pilots.

        Args:
            schedules: the schedules by their names.
            step: after how many updates; by default each at its own end.
        """
        if not schedules:
            raise ScheduleError("Forecast: `schedules` must be one or more, got none")
        found = {name: self(schedule, step) for name, schedule in schedules.items()}
        chances = self._chances(schedules, found, step)
        ranked = [
            Ranked(name, schedules[name], prediction, chances[name])
            for name, prediction in found.items()
        ]
        return Ranking(sorted(ranked, key=lambda each: each.prediction.loss))

    def best(
        self,
        steps: int,
        *,
        families: Sequence[str] | Mapping[str, Cooldown] | None = None,
        peaks: Sequence[float] | None = None,
        free: bool = False,
        within: float | None = None,
    ) -> Best:
        """Return the schedule that is predicted best at a horizon.

        The pilots' own cooled losses choose the peak, and the laws the shape. Each begins with the
        pilots' warm-up. Of shapes that are equally good it is the simplest.

        Args:
            steps: the length of the run.
            families: "linear" and "cosine" fall over all of the run, "wsd", "wsd_cosine" and
                "wsd_sqrt" over a fraction of it that is searched for, from 0.05 to 1; by default
                all of them. Or your own, by their names: functions that take a number of steps and
                return a cooldown from 1.
            peaks: peaks to choose from, each a pilot's; by default all.
            free: whether to search for a shape without a formula, too: a falling table.
            within: the answer is the simplest shape whose loss is within this fraction of the best;
                by default two noise floors where `free` is true, and 0.02 % otherwise.

        Raises:
            ScheduleError: an argument breaks its rule; no pilot has such a peak; the run is no
                longer than the pilots' warm-up.
        """
        return best(self.groups, self.rank, steps, families, peaks, within, free=free)

    def cooldowns(
        self,
        step: int,
        *,
        cooldown: float | Schedule = 0.2,
        later: Sequence[float] = LATER,
        deadline: int | None = None,
        per: int = 1000,
        peak: float | None = None,
    ) -> Cooldowns:
        """Return what cooling down would give, now or later: should the stable phase end?

        Args:
            step: the step at which the trunk could be left now.
            cooldown: the cooldown, a straight line to 0: its length as a fraction of the whole run,
                below 1, or in steps; or a schedule that begins at 1.
            later: how much later it could be left, too, in fractions of `step`.
            deadline: after how many updates the cooled model must be there.
            per: for how many further updates gains are shown.
            peak: which trunk, by its peak; by default the longest.

        Raises:
            ScheduleError: an argument breaks its rule; no pilot of that peak has a stable phase;
                `step` lies in its warm-up; no cooldown can meet the deadline.
        """
        return cooldowns(self.groups, self, step, cooldown, later, deadline, per, peak)

    def plot(self, schedules: Mapping[str, Schedule] | None = None, step: int | None = None) -> Any:
        """Return a chart: the pilots' losses, and what schedules are predicted to give.

        Args:
            schedules: the schedules by their names, at most seven.
            step: after how many updates; by default each at its own end.

        Returns:
            A `plotly.graph_objects.Figure`.

        Raises:
            ImportError: plotly is not installed.
        """
        named = schedules or {}
        if len(named) > len(COLORS):
            raise ScheduleError(
                f"Forecast: `schedules` must be {len(COLORS)} or fewer in a chart, got {len(named)}"
            )
        return loss_chart(self.curves, {name: self(each, step) for name, each in named.items()})

    def to_data(self) -> dict[str, Any]:
        """Return the JSON form: all that a prediction takes, as the designer shows it.

        Each peak has its laws, their weights, what an interval is made of (see
        `glissando.forecasting.interval`), and what its pilots have shown.
        """
        return {
            "type": "forecast",
            "kind": self.curves[0].kind,
            "doubts": list(self.doubts),
            "peaks": [group.to_data() for group in self.groups],
        }

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the forecast to a .json file, whole or not at all; the designer loads it.

        Raises:
            ScheduleError: the path does not end in .json.
            OSError: the file cannot be written.
        """
        target = Path(path)
        if target.suffix.lower() != ".json":
            raise ScheduleError(f"Forecast: `path` must end in .json, got {shown(str(path))}")
        write_whole(target, write_json({"glissando": VERSION, **self.to_data()}).encode())

    @property
    def backtest(self) -> dict[float, list[BackTest]]:
        """How each law foretold the pilots of each peak."""
        return {group.peak: group.back_tests for group in self.groups}

    @property
    def parameters(self) -> dict[float, dict[str, dict[str, tuple[float, float, float]]]]:
        """The parameters of each law at each peak, each with the ends of its 80 % interval."""
        return {
            group.peak: {name: _parameters(fit) for name, fit in group.fits.items()}
            for group in self.groups
        }

    @property
    def laws(self) -> dict[float, dict[str, Law]]:
        """The fitted laws at each peak."""
        return {
            group.peak: {name: fit.law for name, fit in group.fits.items()} for group in self.groups
        }

    def group_of(self, schedule: Schedule, step: int) -> PilotGroup:
        """Return the pilots whose peak is nearest to a schedule's."""
        peak = peak_of(Curve(schedule, [step], [0.0]))
        if peak == 0:
            raise ScheduleError("Forecast: `schedule` must have rates above 0, got 0 alone")
        return min(self.groups, key=lambda group: abs(math.log(group.peak / peak)))

    def _step(self, schedule: Schedule, step: int | None) -> int:
        if not isinstance(schedule, Schedule):
            raise ScheduleError(f"Forecast: `schedule` must be a schedule, got {shown(schedule)}")
        if step is None and schedule.steps == math.inf:
            raise ScheduleError(
                "Forecast: `step` is missing: the schedule never ends; write forecast(schedule, "
                "step=10_000)"
            )
        return int(STEP.check(schedule.steps if step is None else step, "Forecast: `step`"))

    def _chances(
        self,
        schedules: Mapping[str, Schedule],
        found: Mapping[str, Prediction],
        step: int | None,
    ) -> dict[str, float]:
        """Draw what is uncertain: the law, shared by all of a peak, and what is each one's own."""
        random = np.random.default_rng(0)
        columns = {}
        drawn: dict[int, Any] = {}
        for name, prediction in found.items():
            group = self.group_of(schedules[name], self._step(schedules[name], step))
            if id(group) not in drawn:
                law = random.choice(len(group.weights), DRAWS, p=group.weights)
                drawn[id(group)] = law, random.normal(size=DRAWS)
            law, shift = drawn[id(group)]
            by_law = np.array(list(prediction.laws.values()))[law]
            mean = DIFFER / NORMAL * (by_law - prediction.loss) + prediction.loss
            missed = group.missed(prediction.loss, prediction.curve.steps[-1]) / NORMAL
            common = math.sqrt(max(missed**2 - group.noise**2, 0.0))
            own = group.noise * random.normal(size=DRAWS)
            columns[name] = mean + common * shift + own
        losses = np.stack(list(columns.values()))
        wins = np.bincount(losses.argmin(axis=0), minlength=len(columns)) / DRAWS
        return dict(zip(columns, map(float, wins), strict=True))


def forecast(
    curves: Curve | Iterable[Curve],
    *,
    law: str = "auto",
    priors: Mapping[str, Mapping[str, Prior]] | None = None,
    seed_noise: float | None = None,
) -> Forecast:
    """Return a forecast from one or more runs of the same model, data and batch.

    Each peak has its pilots, and laws of its own: no law compares peaks. Every law is fitted to the
    first part of the pilots, judged on what comes after and on pilots that it has not seen, and
    has its weight by that.

    Args:
        curves: the runs: best a trunk and two cooldowns from it of different length, at each peak;
            `gl.pilots` writes them.
        law: "auto" for all laws together, or the tag of one: "convex_kernel", "multi_power",
            "kernel", "annealing" or "bound".
        priors: what is known of the parameters of laws, by their tags, from other runs: see
            `gl.Prior`.
        seed_noise: the standard deviation of the last loss between seeds, if that is known.

    Raises:
        ScheduleError: there is no run, or the runs cannot be forecast from: one diverged, has
            too few losses, or a validation loss that rises; they differ in batch size or kind.

    Example:
        >>> from glissando import Constant, Curve, Linear
        >>> from glissando.forecasting.laws import ConvexKernel
        >>> truth = ConvexKernel(2.5, 0.3, 0.4, 8.0, 200.0, rate=1e-3, steps=10_000)
        >>> trunk = Linear(0.0, 1e-3, steps=100) >> Constant(1e-3)
        >>> branch = trunk.branch(4800, Linear(1.0, 0.0, steps=1200))
        >>> steps = range(100, 6001, 100)
        >>> runs = [Curve(s, steps, truth(s, list(steps))) for s in (trunk, branch)]
        >>> later = trunk.branch(8000, Linear(1.0, 0.0, steps=2000))
        >>> found = forecast(runs, law="convex_kernel")(later)
        >>> round(found.loss / truth(later, 10_000), 3)
        1.0
    """
    runs = [curves] if isinstance(curves, Curve) else list(curves)
    for run in runs:
        if not isinstance(run, Curve):
            raise ScheduleError(f"forecast: `curves` must be gl.Curve, got {shown(run)}")
    if not runs:
        raise ScheduleError("forecast: `curves` must be one run or more, got none")
    one_of(law, ("auto", *LAWS), "forecast: `law`")
    laws = tuple(LAWS) if law == "auto" else (law,)
    return Forecast(runs, laws, priors or {}, seed_noise)


def _parameters(fit: Any) -> dict[str, tuple[float, float, float]]:
    """Return each parameter with the ends of its interval."""
    found = {}
    for i, name in enumerate(fit.law.parameters):
        value, spread = getattr(fit.law, name), NORMAL * math.sqrt(fit.spread[i, i])
        if name == "L0":
            spread *= fit.scale
            found[name] = value, value - spread, value + spread
        else:
            factor = math.exp(min(spread, 50.0))
            found[name] = value, value / factor, value * factor
    return found
