"""Logs of more rows than memory is for: some of the rows, and all of them part by part."""

import os
from collections.abc import Iterator
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from glissando.errors import ScheduleError
from glissando.logs.columns import by_epoch
from glissando.logs.log import READERS, Log, open_log
from glissando.logs.logged import LoggedRates
from glissando.logs.rates_of import Reading, check_steps, read_rates
from glissando.logs.scan import OddError, scan
from glissando.logs.source import Source

FORMATS = ("csv", "jsonl")
"""The formats of which a log may be long."""

SIZE = 2**25
"""From how many bytes on a log is long."""

HEAD, SPOTS, SPOT, TAIL = 2**17, 256, 2**11, 2**15
"""How many bytes of it are looked at first: at its begin, at so many places, and at its end."""

ROWS = 2**17
"""How many rows are a part, where they are read one at a time."""


class LongLog:
    """A log that is never held as a whole.

    Args:
        path: the file.
        format: its format, one of `FORMATS`.
        step: the column of the steps, if it is said.
        rate: the column of the rates, if it is said.

    Raises:
        ScheduleError: it has no such columns, or none that may be meant.
    """

    def __init__(self, path: Path, format: str, step: str | None, rate: str | None) -> None:  # noqa: A002
        self.path = path
        self.format = format
        self.asked = (step, rate)
        file = BytesIO(_pieces(path))
        source = Source(path, file, lambda count: None)
        reading = Reading(Log(format, READERS[format](source), source), step, rate, part=True)
        self.sample: LoggedRates = reading.logged()._replace(notes=())
        """Some rows from all of it; their lines are those of the sample."""
        self.left_out = 0
        """How many rows the last reading of all found to hold no finite rate."""
        writer, self.step, self.rate = reading.chosen()
        assert self.rate.shapes is not None
        self.shapes = self.rate.shapes
        rates = np.array(self.rate.values)
        self.kind = self.shapes.kind(rates, writer.exact, format != "csv")
        self.largest = float(np.abs(rates[np.isfinite(rates)]).max())

    def parts(self) -> Iterator[LoggedRates]:
        """Yield all rows, part by part.

        Raises:
            ScheduleError: a row holds what is no rate or no step.
        """
        done = self.left_out = 0
        try:
            with open_log(self.path, self.format) as log:
                for rows, *found in scan(log.source, self.format, self.step.name, self.rate.name):
                    yield from self._part(rows, *found)
                    done = int(rows[-1])
        except OddError:
            yield from self._by_row(done)

    def _by_row(self, done: int) -> Iterator[LoggedRates]:
        """Yield the rows after some, by the reader that says what is odd in them."""
        with open_log(self.path, self.format) as log:
            for first in range(0, 2**62, ROWS):
                rows = list(islice(log.rows, ROWS))
                if not rows:
                    return
                if first + len(rows) <= done or not any(self.rate.name in row for row in rows):
                    continue
                part = Log(self.format, iter(rows), log.source)
                lines, *found = Reading(part, *self.asked, part=True).by_row()
                later = lines + first > done
                yield from self._part((lines + first)[later], *(each[later] for each in found))

    def _part(self, rows: Any, steps: Any, rates: Any) -> Iterator[LoggedRates]:
        kept = np.isfinite(rates)
        if not kept.all():
            self.left_out += int((~kept).sum())
            rows, steps, rates = rows[kept], steps[kept], rates[kept]
        if len(rows):
            epochs = by_epoch(self.step.name) or self.sample.clock == "epoch"
            check_steps(rows, steps, self.step.name, epochs)
            rates, resolutions = self.shapes.of_kind(self.kind, rates, self.largest)
            lines = rows.astype(np.int64)
            yield self.sample._replace(
                steps=steps, rates=rates, resolutions=resolutions, lines=lines
            )


def rates_of(
    path: str | os.PathLike[str],
    *,
    format: str | None = None,  # noqa: A002  # as users say
    step: str | None = None,
    rate: str | None = None,
) -> LoggedRates | LongLog:
    """Return the rates of a log, or a long log, of which they are read part by part.

    Args and errors are those of `read_rates`.
    """
    try:
        with open_log(path, format, "read_rates") as log:
            if log.format in FORMATS and log.source.path.stat().st_size >= SIZE:
                return LongLog(log.source.path, log.format, step, rate)
    except ScheduleError:
        pass  # a column that comes late; or it is said in full
    return read_rates(path, format=format, step=step, rate=rate)


def _pieces(path: Path) -> bytes:
    """Return whole lines of a file, from all of it."""
    size = path.stat().st_size
    with path.open("rb") as file:
        pieces = [_whole(file.read(HEAD))]
        for at in np.linspace(HEAD, size - TAIL, SPOTS, endpoint=False).astype(int):
            file.seek(at)
            file.readline(HEAD)
            pieces.append(_whole(file.read(SPOT)))
        file.seek(size - TAIL)
        file.readline(HEAD)
        return b"".join(pieces) + file.read()


def _whole(piece: bytes) -> bytes:
    """Return a piece up to the last end of a line."""
    return piece[: piece.rfind(b"\n") + 1]
