"""Rows of epochs, of a curve by updates: their means, or the rate of each epoch's last update."""

import numpy as np

from glissando.inference.answer import Inference, less
from glissando.inference.last import of_last
from glissando.inference.means import of_means
from glissando.inference.rows import Rows
from glissando.inference.telling import of_expression, steps_of
from glissando.logs.logged import LoggedRates


def of_epochs(
    log: LoggedRates, rows: Rows, lags: tuple[int, ...], notes: list[str]
) -> Inference | None:
    """Return the curve by updates that a log of epochs tells, if it is of such."""
    whole = bool((rows.steps == np.floor(rows.steps)).all())
    if not whole or len(rows.steps) < 5:
        return None
    if log.mean and log.clock == "epoch":
        return _of_means(rows, notes)
    return _of_last(rows, lags, notes) if log.last else None


def _of_means(rows: Rows, notes: list[str]) -> Inference | None:
    meant = of_means(rows)
    if meant is None:
        return None
    answer = of_expression(meant.found, meant.rows, (0,), notes)
    first = [] if rows.steps[0] == 0 else list(steps_of(rows, 0))
    late = set(steps_of(meant.rows, 0))
    batches, held = meant.epoch
    words = f"row s holds the mean over the {batches:,} updates of epoch s"
    if held > 1:
        words = f"{words.replace('updates', 'batches')}, where a rate holds for {held}"
        first.append(
            f"Epochs of {2 * batches:,} batches where a rate holds for {2 * held}, and further "
            "multiples, log the same."
        )
    return answer._replace(
        worst=meant.worst,
        unknown=(*first, *(line for line in answer.unknown if line not in late)),
        per_epoch=batches,
        reading=words,
    )


def _of_last(rows: Rows, lags: tuple[int, ...], notes: list[str]) -> Inference | None:
    stairs = of_last(rows, lags)
    if stairs is None:
        return None
    answer = of_expression(stairs.epochs, rows, lags, notes)
    numbers = (number._replace(name=f"by epochs, {number.name}") for number in answer.numbers)
    batches, lag = int(stairs.per_epoch.value), stairs.epochs.lag
    words = f"row s holds the rate of the last of the {batches:,} batches of epoch {less(lag)}"
    return answer._replace(
        schedule=stairs.schedule,
        worst=stairs.worst,
        numbers=(*numbers, stairs.per_epoch, stairs.warm_up),
        unknown=tuple(line.replace("update", "epoch") for line in answer.unknown),
        per_epoch=batches,
        reading=words,
    )
