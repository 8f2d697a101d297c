"""The rows of a log as inference needs them: in order, each step once."""

from typing import Any, NamedTuple

import numpy as np

from glissando.errors import ScheduleError
from glissando.logs.logged import LoggedRates
from glissando.rules import MAX_RATE

ROUNDING = 1e-12
"""By what fraction a program's own order of operations may move a rate."""

FLOOR = 4 * np.finfo(float).eps
"""By what fraction of the highest rate it may."""

SMALLEST = 1e-30
"""What a rate may be off by if all are 0."""

NARROW = (
    "The rates were computed in float32: each is taken to be off by up to 4 units of its last "
    "place and 1 of the highest rate's."
)

MAX_DIGITS = 9
"""Numbers of more digits than this are no longer rounded ones."""


class Rows(NamedTuple):
    """Steps in order, the rate of each, and by how much it may be off."""

    steps: Any
    rates: Any
    errors: Any

    def part(self, which: Any) -> "Rows":
        """Return some of the rows."""
        return Rows(self.steps[which], self.rates[which], self.errors[which])


def rows_of(log: LoggedRates) -> tuple[Rows, list[str]]:
    """Return the rows in the order of steps, and what was odd about them.

    Of a step that has several rows that agree, one remains. Rows that contradict each other are
    refused: no schedule has two rates at one step.
    """
    steps, rates, errors = (np.asarray(a, float) for a in (log.steps, log.rates, log.resolutions))
    whole = np.isfinite(steps) & (rates <= MAX_RATE)  # and no NaN
    if not whole.any():
        raise ScheduleError("infer: `log` must hold a rate, got none")
    if (rates[whole] < 0).any():
        raise ScheduleError(f"infer: `log` must hold no rate below 0, got {rates[whole].min()}")
    order = np.argsort(steps[whole], kind="stable")
    steps, rates, errors = (a[whole][order] for a in (steps, rates, errors))
    if is_narrow(rates):
        errors = np.maximum(errors, np.spacing(rates.astype(np.float32)).astype(float) / 2)
    errors = errors + ROUNDING * rates + FLOOR * rates.max() + SMALLEST
    first = np.concatenate([[True], np.diff(steps) > 0])
    group = np.cumsum(first) - 1
    low = np.full(group[-1] + 1, -np.inf)
    high = np.full(group[-1] + 1, np.inf)
    np.maximum.at(low, group, rates - errors)
    np.minimum.at(high, group, rates + errors)
    against = np.flatnonzero(low > high)
    if len(against):
        step = steps[first][against[0]]
        found = sorted({float(rate) for rate in rates[steps == step]})
        raise ScheduleError(
            f"infer: `log` has different rates at step {step:g}: "
            f"{', '.join(f'{rate:g}' for rate in found[:3])}; keep the rows of one run"
        )
    notes = []
    if len(low) < len(steps):
        notes.append(f"{len(steps) - len(low)} rows repeat a step, and agree.")
    return Rows(steps[first], rates[first], errors[first]), notes


def resolutions_of(rates: Any) -> Any:
    """Return how exactly numbers tell rates: by float32, by their digits, or as they are."""
    rates = np.asarray(rates, float)
    if is_narrow(rates):
        return np.spacing(rates.astype(np.float32)).astype(float) / 2
    digits = max((_digits(rate) for rate in rates), default=17)
    if digits > MAX_DIGITS or len(set(rates)) < 8:  # few levels may be written in full
        return np.zeros(len(rates))
    scale = np.floor(np.log10(np.where(rates > 0, rates, 1.0)))
    places = max(_digits(rate) - 1 - int(power) for rate, power in zip(rates, scale, strict=True))
    return np.maximum(
        np.where(rates > 0, 0.5 * 10.0 ** (scale - digits + 1), 0.0), 0.5 * 10.0**-places
    )


def is_narrow(rates: Any) -> bool:
    """Return whether rates are float32's, as they are or in as few digits as tell them."""
    with np.errstate(over="ignore"):
        narrow = rates.astype(np.float32)
    if len(set(rates)) < 3 or max(_digits(rate) for rate in rates) < 8:
        return False
    return bool((narrow == rates).all()) or all(
        float(str(short)) == rate for short, rate in zip(narrow, rates, strict=True)
    )


def computed_narrow(rows: Rows) -> Rows:
    """Return rows with what rates may be off by if they were computed in float32."""
    unit = float(np.finfo(np.float32).eps)
    return rows._replace(errors=rows.errors + 4 * unit * rows.rates + unit * rows.rates.max())


def _digits(rate: float) -> int:
    return len(repr(float(rate)).split("e")[0].replace(".", "").strip("0"))
