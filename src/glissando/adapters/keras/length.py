"""Holds what is followed against the length of the fit, as soon as that is known."""

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

import keras

from glissando.adapters.keras.optimizers import inner, plain
from glissando.adapters.shared.conflicts import Reaction, react
from glissando.adapters.shared.param_schedules import AnySchedule, bare
from glissando.adapters.shared.run_length import compare, spent
from glissando.schedule import Schedule

ROUNDING = 20
"""A run may go past the end by one in so many steps: a batch that was left out in each epoch."""

LOOKS = 100
"""At how many steps a schedule is looked at to find the highest rate of a fit."""


@dataclass(frozen=True)
class Fit:
    """Where a fit begins and ends, counted from the optimizer's first step.

    Args:
        begin: the steps done before it.
        epochs: the epochs it makes; None where nobody says.
        unit: what a step is, "epoch" or "step".
        each: how many batches make an update.
        done: the batches that the optimizer has counted before it.
        before: the steps that were done before the optimizer's own count.
        batches: the batches of an epoch; None if that is not known.
    """

    begin: int
    epochs: int | None
    unit: str
    each: int
    done: int
    before: int
    batches: int | None

    @property
    def updates(self) -> int | None:
        """The updates done when it is over; None if that is not known."""
        if self.epochs is None or self.batches is None:
            return None
        return (self.done + self.epochs * self.batches) // self.each

    @property
    def end(self) -> int | None:
        """The steps done when it is over; None if that is not known."""
        if self.unit == "epoch":
            return None if self.epochs is None else self.begin + self.epochs
        return None if self.updates is None else self.before + self.updates


def fit_of(
    unit: str,
    optimizer: Any,
    before: int,
    epoch: int,
    params: Mapping[str, Any] | None,
    *,
    each: int | None = None,
) -> Fit:
    """Return what is known of a fit when its first epoch begins.

    Args:
        unit: what a step is.
        optimizer: the optimizer.
        before: what is to be added to Keras's epoch, or to the optimizer's own count.
        epoch: the first epoch.
        params: what Keras tells its callbacks of the fit.
        each: how many batches make an update; by default, as the optimizer says.
    """
    target, told = inner(optimizer), params or {}
    each = each or target.gradient_accumulation_steps or 1
    done = int(plain(target._iterations))
    epochs = told.get("epochs")
    return Fit(
        before + (epoch if unit == "epoch" else done // each),
        None if epochs is None else epochs - epoch,
        unit,
        each,
        done,
        before,
        told.get("steps"),
    )


def one_update_a_batch(model: Any) -> bool:
    """Return whether Keras's own step trains the model: it updates each optimizer once."""
    return getattr(type(model), "train_step", None) is keras.Model.train_step


class RunLength:
    """Tells, once, that a schedule does not fit the length of the fits it is followed in.

    A fit that is shorter than its schedule may be one of several that share it. So only what is
    plainly wrong is reported: a schedule that counts updates where epochs count, and a fit that
    ends before the schedule has left its warm-up.

    Args:
        where: what messages call the callback.
        reaction: what to do about one that does not fit.
        in_graph: whether the schedule is in the optimizer.
        may_end: what may stay at a low value for the rest of a run, by name: it is no rate.
    """

    def __init__(
        self,
        where: str,
        reaction: Reaction,
        *,
        in_graph: bool = False,
        may_end: Collection[str] = (),
    ) -> None:
        self.where = where
        self.reaction = reaction
        self.in_graph = in_graph
        self.may_end = may_end
        self._told = reaction == "ignore"
        self._fit: Fit | None = None  # of which something is still to be found out
        self._sure = True

    def begin(self, named: Mapping[str, AnySchedule], fit: Fit, *, sure: bool) -> None:
        """Compare when a fit begins, if its length is known by then.

        Args:
            named: what is followed, by name.
            fit: the fit.
            sure: whether it makes all its epochs; another callback may end it before.
        """
        self._fit, self._sure = fit, sure
        self._compare(named, fit, sure=sure)
        if sure and fit.updates is not None:
            self._fit = None

    def epoch_over(self, named: Mapping[str, AnySchedule], optimizer: Any) -> None:
        """Compare when the first epoch is over, if the length was not known before."""
        fit = self._fit
        if fit is None or fit.batches is not None:
            return
        batches = int(plain(inner(optimizer)._iterations)) - fit.done
        if batches > 0:
            self.begin(named, replace(fit, batches=batches), sure=self._sure)

    def reach(self, named: Mapping[str, AnySchedule], step: int) -> None:
        """Compare when training has reached a step that is past a schedule's end."""
        fit = self._fit
        if fit is None or not any(step > bare(each).steps for each in named.values()):
            return
        if fit.end is not None:
            self._compare(named, fit, sure=True)
            return
        for name, followed in named.items():
            past = step > bare(followed).steps and name not in self.may_end
            if past and spent(followed) and not self._quiet:
                self._told = True
                react(
                    self.reaction,
                    f"{self.where}: the schedule of `{name}` has {bare(followed).steps} steps, but "
                    f"training goes on with step {step}, at a rate of {bare(followed).final():g}. "
                    f"{self._other_unit(bare(followed), fit) or 'Give it more steps'}; if it is "
                    "meant, pass on_length='ignore'",
                )

    @property
    def _quiet(self) -> bool:
        return self._told and self.reaction != "raise"

    def _compare(self, named: Mapping[str, AnySchedule], fit: Fit, *, sure: bool) -> None:
        for name, followed in named.items():
            remedy = self._remedy(bare(followed), fit, sure=sure and name not in self.may_end)
            if remedy and not self._quiet:
                self._told = True
                compare(
                    {name: followed},
                    int(fit.end or 0),
                    self.where,
                    self.reaction,
                    remedy,
                    unit="epochs" if fit.unit == "epoch" else "updates",
                    reaches=0.5,
                )

    def _remedy(self, schedule: Schedule, fit: Fit, *, sure: bool) -> str:
        """Return what to write instead of a schedule that does not fit, or nothing."""
        length, end = schedule.steps, fit.end
        if length == math.inf or end is None or end - 1 <= length <= end:
            return ""
        if length < end:
            return self._past_the_end(schedule, fit, end) if sure else ""
        if fit.begin or 2 * end > length:
            return ""
        return self._too_long(schedule, fit, end)

    def _past_the_end(self, schedule: Schedule, fit: Fit, end: int) -> str:
        length, top, final = schedule.steps, schedule.bound(), schedule.final()
        if final >= top / 2 or (top == math.inf and final):
            return ""
        if fit.begin >= length > 0:
            return (
                f"This fit begins at {fit.unit} {fit.begin}, for its optimizer has come that far; "
                "set_weights of a model does not set its optimizer back. To begin at 0, compile "
                "with a new optimizer: model.compile(keras.optimizers.Adam(...), ...)"
            )
        if end - length <= end / ROUNDING:
            return ""
        return self._other_unit(schedule, fit) or (
            f"Give it that many, as schedule.stretch({end}) does"
        )

    def _other_unit(self, schedule: Schedule, fit: Fit) -> str:
        """Return what to write if the schedule seems to count epochs, and updates are counted."""
        if fit.unit == "epoch" or fit.epochs is None or schedule.steps > 1.1 * fit.epochs:
            return ""
        if self.in_graph:
            slower = f"schedule.slow({fit.batches or 'steps_per_epoch'})"
            write = f"give the optimizer {slower}"
        else:
            write = "pass unit='epoch'"
        return f"If the schedule counts epochs, of which the fit makes {fit.epochs}, {write}"

    def _too_long(self, schedule: Schedule, fit: Fit, end: int) -> str:
        length, updates = schedule.steps, fit.updates
        if fit.unit == "step":
            # a shorter run may be a trial, or one fit of many
            if not _stays_below(1 / 100, schedule, end):
                return ""
            return (
                "The run ends in the warm-up. Give the schedule the steps of the run, as "
                f"schedule.stretch({end}) does"
            )
        if updates is None:
            return ""
        # a fit of one epoch may be one of many
        alike = abs(length - updates) <= updates / 10 or length >= 10 * updates
        slow = end > 1 and 2 * length >= updates and _stays_below(1 / 4, schedule, end)
        if not alike and not slow:
            return ""
        return (
            f"In updates, the run makes {updates}: if the schedule counts these, pass unit='step'"
        )


def _stays_below(share: float, schedule: Schedule, end: int) -> bool:
    """Return whether the first steps have less than a share of the schedule's highest rate."""
    if schedule.is_opaque():  # it is not to be called before it is followed
        return False
    looks = {end - 1, *range(0, end, max(1, end // LOOKS))}
    return max(map(schedule, looks)) < schedule.bound() * share
