"""Rows from CSV: a header, then cells between commas, semicolons or tabs."""

import csv
from collections import Counter
from collections.abc import Iterator
from itertools import chain

from glissando.errors import ScheduleError, shown
from glissando.logs.source import EMPTY, Row, Source

DELIMITERS = ",\t;"


def rows(source: Source) -> Iterator[Row]:
    """Yield the rows; a header may be repeated, as it is where a run is resumed."""
    lines = source.lines()
    first = next((line for line in lines if line.strip()), "")
    delimiter = max(DELIMITERS, key=first.count)
    reader = csv.reader(chain([first], lines), delimiter=delimiter, skipinitialspace=True)
    header: list[str] = []
    names: list[str] = []
    last = ""
    while True:
        try:
            cells = [cell.strip() for cell in next(reader)]
        except StopIteration:
            return
        except csv.Error as error:
            source.leave_out(f"line {reader.line_num}", f"is no row: {error}")
            continue
        if not header:
            header = cells
            names = _names(cells)
        elif cells == header or not any(cells):
            continue
        elif len(cells) != len(header):
            counts = f"has {len(cells)} cells, the header {len(header)}"
            source.leave_out(f"line {reader.line_num}", counts)
        elif not source.ended and _cut(cells[-1], last):
            source.leave_out(f"line {reader.line_num}", f"ends in {shown(cells[-1])} as if cut")
        else:
            last = cells[-1]
            pairs = zip(names, cells, strict=True)
            yield {name: cell for name, cell in pairs if name and cell not in EMPTY}


def _names(header: list[str]) -> list[str]:
    """Return the names of the columns; those of a chart of W&B begin with their run's."""
    for name, count in Counter(header).items():  # pandas leaves the name of its index empty
        if name and count > 1:
            raise ScheduleError(f"the header has {shown(name)} twice")
    runs = {name.rpartition(" - ")[0] for name in header[1:]}
    if len(runs) == 1 and "" not in runs:
        return [header[0], *(name.rpartition(" - ")[2] for name in header[1:])]
    return header


def _cut(cell: str, before: str) -> bool:
    """Return whether the end of a file cut the exponent of its last number."""
    try:
        return "e" in before and "e" not in cell and float(cell) > 100 * float(before)
    except ValueError:
        return False
