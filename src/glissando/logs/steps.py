"""The steps of a log's rows: updates, or epochs that are counted in updates."""

from collections.abc import Iterator

from glissando.errors import ScheduleError, shown
from glissando.logs.columns import Column
from glissando.rules import MAX_STEP


class Steps:
    """The column of the steps, and what it counts.

    Args:
        column: the column.
        by_epoch: whether it counts epochs.
        per_epoch: how many updates an epoch takes, if that is known.
    """

    def __init__(self, column: Column, by_epoch: bool, per_epoch: float | None) -> None:
        self.column = column
        self.by_epoch = by_epoch
        self.per_epoch = per_epoch if by_epoch else None
        for row, step in zip(column.rows, column.values, strict=True):
            if not 0 <= step <= MAX_STEP:  # and no NaN
                raise ScheduleError(
                    f"row {row}: `{column.name}` must be 0 or more and at most 2**53, got {step:g}"
                )
        self.first = min(column.values, default=0.0)
        self.whole = all(map(float.is_integer, column.values))
        if not self.whole and self.per_epoch is None:
            how = "; epochs in parts are counted by `steps_per_epoch`" * self.by_epoch
            row, step = next(
                (row, step)
                for row, step in zip(column.rows, column.values, strict=True)
                if not step.is_integer()
            )
            raise ScheduleError(
                f"row {row}: `{column.name}` must be a whole number, got {step!r}{how}"
            )

    def of(self, column: Column, notes: list[str]) -> Iterator[tuple[float, float]]:
        """Yield the numbers of another column, each with the step in its row.

        What has no step is left out, and `notes` of it.
        """
        rows, steps = self.column.rows, self.column.values
        i, missing = 0, []
        for row, number in zip(column.rows, column.values, strict=True):
            while i < len(rows) and rows[i] < row:
                i += 1
            if i < len(rows) and rows[i] == row:
                yield steps[i], number
            else:
                missing.append(row)
        if missing:
            notes.append(
                f"{len(missing)} rows have {shown(column.name)} and no {shown(self.column.name)}, "
                f"and are left out: the first is row {missing[0]}"
            )

    def done(self, step: float) -> int:
        """Return how many updates are done at a step of the log, or how many epochs.

        An epoch's row is written at its end: of epochs that are counted from 0, the first is then
        done. Steps are taken as they stand.
        """
        ended = self.by_epoch and self.whole and self.first == 0
        return round((step + ended) * (self.per_epoch or 1))
