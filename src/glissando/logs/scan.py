"""The steps and rates of a long log of CSV, JSON lines or Parquet, by the readers of pyarrow."""

from collections.abc import Generator, Iterator
from contextlib import ExitStack
from importlib.util import find_spec
from os import SEEK_END
from typing import Any

import numpy as np

from glissando.logs.growing import Growing
from glissando.logs.separated import DELIMITERS
from glissando.logs.source import EMPTY, Source

FORMATS = ("csv", "jsonl", "parquet")

BLOCK, ROWS = 2**22, 2**17
"""How many bytes are read at once, or how many rows."""


class OddError(Exception):
    """A file holds what the row by row reader must tell of."""


def scan(source: Source, format: str, step: str, rate: str) -> Iterator[tuple[Any, Any, Any]]:  # noqa: A002
    """Yield parts of a log: the row, the step and the rate of each row that has both.

    Raises:
        OddError: the file is of another format, pyarrow is not installed, or something in the file
            is odd: the row by row reader says what it is.
    """
    if format not in FORMATS or not find_spec("pyarrow"):
        raise OddError
    import pyarrow

    try:
        with pyarrow.OSFile(str(source.path)) as file:
            batches = {"csv": _csv, "jsonl": _json, "parquet": _parquet}[format]
            last = yield from _parts(source, file, batches(source, file, step, rate), step, rate)
    except (pyarrow.ArrowException, KeyError, OSError):
        raise OddError from None
    cut = format != "parquet" and not _ended(source) and last[-1:] > 100 * last.min(initial=np.inf)
    if not len(last) or cut:
        raise OddError  # the end of the file may have cut an exponent


def _parts(
    source: Source, file: Any, batches: Iterator[Any], step: str, rate: str
) -> Generator[tuple[Any, Any, Any], None, Any]:
    """Yield the parts; return the last rates."""
    count = read = 0
    last = np.zeros(0)
    for batch in batches:
        at = file.tell()
        source.advance(at - read)
        read = at
        numbers, values = batch.column(step), batch.column(rate)
        rows = np.arange(count, count + len(batch)) + 1.0
        count += len(batch)
        if numbers.null_count or values.null_count:
            both = (numbers.is_valid().to_numpy(False), values.is_valid().to_numpy(False))
            if np.any(both[1] & ~both[0]):
                raise OddError
            chosen = np.flatnonzero(both[0] & both[1])
            rows = rows[chosen]
            found = numbers.to_numpy(False)[chosen], values.to_numpy(False)[chosen]
        else:
            found = numbers.to_numpy(), values.to_numpy()
        if len(rows):
            last = np.concatenate([last, found[1][-2:]])[-2:]
            yield rows, *found
    return last


def scanned(source: Source, format: str, step: str, rate: str) -> tuple[Any, Any, Any] | None:  # noqa: A002
    """Return the row, the step and the rate of each row that has both, as float64 arrays.

    Whatever is odd in the file ends it without a result.
    """
    with ExitStack() as closing:
        columns = [Growing(closing) for _ in range(3)]
        try:
            for part in scan(source, format, step, rate):
                for column, numbers in zip(columns, part, strict=True):
                    column.add(numbers)
        except OddError:
            return None
        rows, steps, rates = (column.array() for column in columns)
        return rows, steps, rates


def _ended(source: Source) -> bool:
    """Return whether the last line has an end."""
    source.file.seek(-1, SEEK_END)
    return source.file.read(1) == b"\n"


def _csv(source: Source, file: Any, step: str, rate: str) -> Iterator[Any]:
    import pyarrow
    from pyarrow import csv

    source.file.seek(0)
    first = source.file.readline(BLOCK).decode("utf-8", "replace")
    return iter(
        csv.open_csv(
            file,
            read_options=csv.ReadOptions(block_size=BLOCK),
            parse_options=csv.ParseOptions(delimiter=max(DELIMITERS, key=first.count)),
            convert_options=csv.ConvertOptions(
                include_columns=[step, rate],
                column_types=dict.fromkeys((step, rate), pyarrow.float64()),
                null_values=sorted(EMPTY),
            ),
        )
    )


def _json(source: Source, file: Any, step: str, rate: str) -> Iterator[Any]:
    import pyarrow
    from pyarrow import json

    del source
    fields = pyarrow.schema([(name, pyarrow.float64()) for name in (step, rate)])
    return iter(
        json.open_json(
            file,
            read_options=json.ReadOptions(block_size=BLOCK),
            parse_options=json.ParseOptions(
                explicit_schema=fields, unexpected_field_behavior="ignore"
            ),
        )
    )


def _parquet(source: Source, file: Any, step: str, rate: str) -> Iterator[Any]:
    import pyarrow
    from pyarrow import parquet

    del source
    names = [step, rate]
    for batch in parquet.ParquetFile(file).iter_batches(batch_size=ROWS, columns=names):
        columns = [batch.column(name).cast(pyarrow.float64()) for name in names]
        yield pyarrow.RecordBatch.from_arrays(columns, names)
