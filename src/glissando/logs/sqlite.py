"""Rows from the SQLite databases of MLflow and Trackio: the metrics of their runs."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing

from glissando.errors import ScheduleError, shown
from glissando.logs.json_lines import decode, row_of
from glissando.logs.source import Row, Source

HEAD = b"SQLite format 3\0"


def rows(source: Source) -> Iterator[Row]:
    """Yield a row for each value or step; of several runs the names begin with the run's."""
    with closing(_opened(source)) as base:
        columns = _columns(base)
        if {"key", "value", "step", "run_uuid"} <= columns:
            yield from _of_mlflow(base)
        elif {"run_name", "step", "metrics"} <= columns:
            yield from _of_trackio(base, source)
        else:
            raise ScheduleError("has no table `metrics` as MLflow or Trackio has")


def _of_mlflow(base: sqlite3.Connection) -> Iterator[Row]:
    many = _several(base, "run_uuid")
    query = "SELECT key, value, step, is_nan, run_uuid FROM metrics ORDER BY timestamp, rowid"
    for key, value, step, is_nan, run in _answers(base, query):
        name = f"{run}/{key}" if many else str(key)
        yield {name: "nan" if is_nan else repr(value), "step": str(step)}


def _of_trackio(base: sqlite3.Connection, source: Source) -> Iterator[Row]:
    many = _several(base, "run_name")
    query = "SELECT run_name, step, metrics FROM metrics ORDER BY rowid"
    for count, (run, step, metrics) in enumerate(_answers(base, query), 1):
        try:
            data = decode(str(metrics))
        except ValueError:
            source.leave_out(f"row {count}", f"is no JSON: {shown(metrics)}")
            continue
        row = row_of(data if isinstance(data, dict) else {})
        yield {f"{run}/{name}" if many else name: text for name, text in row.items()} | {
            "step": str(step)
        }


def _opened(source: Source) -> sqlite3.Connection:
    """Open the database for reading; of what it holds, tables only are read."""
    base = sqlite3.connect(f"{source.path.absolute().as_uri()}?mode=ro", uri=True)
    base.execute("PRAGMA trusted_schema = OFF")
    return base


def _columns(base: sqlite3.Connection) -> set[str]:
    """Return the columns of the table of metrics, which a view is not."""
    query = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'metrics'"
    if not list(_answers(base, query)):
        return set()
    return {str(row[1]) for row in _answers(base, "PRAGMA table_info(metrics)")}


def _several(base: sqlite3.Connection, run: str) -> bool:
    query = f"SELECT DISTINCT {run} FROM metrics LIMIT 2"
    return len(list(_answers(base, query))) > 1


def _answers(base: sqlite3.Connection, query: str) -> Iterator[tuple[object, ...]]:
    try:
        yield from base.execute(query)
    except sqlite3.DatabaseError as error:
        raise ScheduleError(f"is a damaged database: {error}") from None
