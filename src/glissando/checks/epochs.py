"""Logs that count steps anew in each epoch: how many updates an epoch has."""

from glissando.checks.meant import Meant
from glissando.checks.readings import Given, readings
from glissando.checks.rows import rows_of
from glissando.checks.view import View
from glissando.errors import ScheduleError
from glissando.logs.logged import LoggedRates
from glissando.schedule import Schedule


def joined(log: LoggedRates, schedule: Schedule, given: Given) -> tuple[LoggedRates, Given]:
    """Return a log with steps through all epochs, of the length with which most rows are as meant.

    Raises:
        ScheduleError: the user says a length below the steps that the log counts to.
    """
    if log.epochs is None:
        return log, given
    least, most = log.lengths
    if given.per_epoch is not None and given.per_epoch < least:
        raise ScheduleError(
            f"audit: `per_epoch` must be {least:,} or more, which the log counts to in an epoch, "
            f"got {given.per_epoch:,}"
        )
    lengths = [given.per_epoch] if given.per_epoch else list(range(least, most + 1))
    fits = [_fitting(log, length, schedule, given) for length in lengths]
    best = [length for length, many in zip(lengths, fits, strict=True) if many == max(fits)]
    words = f"the steps are counted anew in each epoch: one is taken to have {best[0]:,} updates"
    if len(best) > 1:
        words += f", and up to {best[-1]:,} would do as well"
    log = log.with_epochs_of(best[0])._replace(notes=(*log.notes, words))
    return log, given._replace(per_epoch=best[0])


def _fitting(log: LoggedRates, length: int, schedule: Schedule, given: Given) -> int:
    rows = rows_of(log.with_epochs_of(length))[0]
    given = given._replace(per_epoch=length)
    meant = Meant(schedule, rows.steps.max())
    views = (View(rows, meant, way, given) for way in readings(rows, meant, given))
    return max(int(view.fits.sum()) for view in views)
