"""The rates that a run has logged, each with how exactly the log tells it."""

from typing import Any, NamedTuple

CLOCKS = ("update", "epoch", "sample", "batch")
"""What the steps of a log may count; a batch may be one of several of an update."""


class LoggedRates(NamedTuple):
    """The rates of a log, in the order of the file.

    The rate of row i lies within `rates[i]` ± `resolutions[i]`. A row with step s holds the rate of
    update s - lag, updates counted from 0, where a lag is one of `lags`, or of the clock's unit.

    Attributes:
        steps: the steps as the log counts them, as a float64 array.
        rates: the rates, as a float64 array.
        resolutions: half the width of what each text or float32 may stand for.
        numbers: which row of the log each is, counted from 1.
        format: what wrote it, such as "trainer_state", "megatron", "ultralytics".
        lags: the lags that are documented for it, the likeliest first.
        clock: what its steps count: "update", "epoch", "sample", or "batch" (of accumulation).
        mean: whether a row is the mean over its epoch's updates.
        skipped: how many updates a gradient scaler had skipped by each row, where the log says it.
        notes: what could not be read or was odd, in sentences.
        last: whether a row of an epoch holds the rate of its last update, and not of its first.
        epochs: the epoch of each row, from 0, where the log counts steps anew in each epoch.
        lengths: how many updates such an epoch may have, at least and at most; `steps` are counted
            through all epochs as if each had the fewest.
    """

    steps: Any
    rates: Any
    resolutions: Any
    numbers: Any
    format: str
    lags: tuple[int, ...] = (0, 1, -1)
    clock: str = "update"
    mean: bool = False
    skipped: Any = None
    notes: tuple[str, ...] = ()
    last: bool = False
    epochs: Any = None
    lengths: tuple[int, int] = (0, 0)

    def with_epochs_of(self, length: int) -> "LoggedRates":
        """Return the same log with steps as if an epoch had so many updates."""
        steps = self.steps + self.epochs * (length - self.lengths[0])
        return self._replace(steps=steps, lengths=(length, length))
