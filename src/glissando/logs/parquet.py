"""Rows from Parquet files: their columns of numbers."""

from collections.abc import Iterator

import numpy as np

from glissando.errors import ScheduleError
from glissando.logs.columns import USUAL, place
from glissando.logs.source import Row, Source

HEAD = b"PAR1"

MOST = 8
"""How many rows a byte may hold: what holds more is no log."""


def rows(source: Source) -> Iterator[Row]:
    """Yield the rows, with the columns that may be steps, losses or rates."""
    try:
        import pyarrow
        from pyarrow import parquet
    except ModuleNotFoundError as error:
        raise ImportError(
            f'{source.path}: a Parquet file needs pyarrow: pip install "glissando[audit]"'
        ) from error
    size = source.path.stat().st_size
    try:
        file = parquet.ParquetFile(source.file)
        if file.metadata.num_rows > MOST * size:
            raise ScheduleError(f"{file.metadata.num_rows} rows in {size} bytes are no log")
        fields = [field for field in file.schema_arrow if _numeric(pyarrow, field.type)]
        names = [field.name for field in fields if any(place(field.name, what) for what in USUAL)]
        for batch in file.iter_batches(batch_size=2**14, columns=names):
            columns = [_texts(batch.column(name)) for name in names]
            for cells in zip(*columns, strict=True):
                yield {name: c for name, c in zip(names, cells, strict=True) if c is not None}
    except (pyarrow.ArrowException, OSError) as error:
        raise ScheduleError(f"is a damaged Parquet file: {error}") from None
    source.advance(size)


def _numeric(pyarrow: object, kind: object) -> bool:
    types = pyarrow.types  # type: ignore[attr-defined]
    return bool(types.is_integer(kind) or types.is_floating(kind))


def _texts(column: object) -> list[str | None]:
    """Return the numbers as texts, those of float32 as short as such can be."""
    single = str(column.type) == "float"  # type: ignore[attr-defined]
    return [
        None if value is None else str(np.float32(value)) if single else repr(value)
        for value in column.to_pylist()  # type: ignore[attr-defined]
    ]
