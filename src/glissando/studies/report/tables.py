"""A study's runs and logs as Parquet, for pandas, Polars, DuckDB.

`runs.parquet` has a row for each run that is done:

- `candidate`: the name of the schedule;
- `peak`: its peak; null where its rates are as they were written;
- `steps`, `seed`: the length of the run, and what drew its first weights and its data;
- `rung`: which of the study's lengths that is, from 1; null if none;
- `stage`: "final" in the last comparison, otherwise "search"; null for a run of another schedule or
  length than the study now asks for;
- `key`: what joins it to its steps, and names its folder;
- `schedule`: what it followed, as a text;
- `loss`: the result; infinite if it diverged, null if the run failed;
- `diverged`: whether it diverged;
- `error`: why it failed; null if it did not;
- `updates`, `seconds`, `attempts`: how many updates were made for it, in what time, and how often
  it was begun or gone on with;
- `began_at`: the step of another run's checkpoint that it began from; 0 if it began anew;
- `machine`: where it ran.

`steps.parquet` has a row for each logged step: `key`, `step`, `loss`, and `rate`, of which the last
two are null where none was logged.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from glissando.studies.runs.run import Outcome, Run
from glissando.studies.runs.store import Log

MOST_RUNS = 2**12

GROUP = 2**16
"""How many rows are written at once."""


Row = tuple[Run, Outcome, int | None, str | None]
"""A run, what came of it, its rung and its stage."""


def write_runs(path: Path, rows: Iterable[Row]) -> None:
    """Write the table of runs, whole or not at all.

    Raises:
        ImportError: pyarrow is not installed.
        OSError: the file cannot be written.
    """
    arrow = _arrow()
    schema = _runs_schema(arrow)
    with _writer(path, schema) as writer:
        for part in _parts((_row(each) for each in rows), MOST_RUNS):
            writer.write_table(arrow.Table.from_pylist(part, schema))


def write_steps(path: Path, runs: Iterable[Run], logged: Callable[[Run], Log]) -> None:
    """Write the table of logged steps, whole or not at all; it holds few logs at a time.

    Raises:
        ImportError: pyarrow is not installed.
        OSError: the file cannot be written, or a log cannot be read.
    """
    arrow = _arrow()
    schema = arrow.schema(
        [
            ("key", arrow.string()),
            ("step", arrow.int64()),
            ("loss", arrow.float64()),
            ("rate", arrow.float64()),
        ]
    )
    with _writer(path, schema) as writer:
        keys: list[str] = []
        logs: list[tuple[Any, ...]] = []
        count = 0
        for run in runs:
            log = logged(run)
            keys.append(run.key)
            logs.append(tuple(np.array(column, dtype=float) for column in log))
            count += len(log.steps)
            if count >= GROUP:
                writer.write_table(_steps_table(arrow, schema, keys, logs), GROUP)
                keys, logs, count = [], [], 0
        if count:
            writer.write_table(_steps_table(arrow, schema, keys, logs), GROUP)


def _steps_table(arrow: Any, schema: Any, keys: list[str], logs: list[tuple[Any, ...]]) -> Any:
    which = np.repeat(np.arange(len(keys), dtype=np.int32), [len(log[0]) for log in logs])
    names = arrow.DictionaryArray.from_arrays(which, keys).cast(arrow.string())
    step, loss, rate = (np.concatenate(columns) for columns in zip(*logs, strict=True))
    numbers = [arrow.array(column, from_pandas=True) for column in (loss, rate)]
    return arrow.Table.from_arrays(
        [names, arrow.array(step.astype(np.int64)), *numbers], schema=schema
    )


def _runs_schema(arrow: Any) -> Any:
    text, whole, number = arrow.string(), arrow.int64(), arrow.float64()
    return arrow.schema(
        [
            ("candidate", text),
            ("peak", number),
            ("steps", whole),
            ("seed", whole),
            ("rung", arrow.int32()),
            ("stage", text),
            ("key", text),
            ("schedule", text),
            ("loss", number),
            ("diverged", arrow.bool_()),
            ("error", text),
            ("updates", whole),
            ("seconds", number),
            ("attempts", arrow.int32()),
            ("began_at", whole),
            ("machine", text),
        ]
    )


def _row(row: Row) -> dict[str, Any]:
    run, outcome, rung, stage = row
    return {
        "candidate": run.candidate,
        "peak": run.peak,
        "steps": run.steps,
        "seed": run.seed,
        "rung": rung,
        "stage": stage,
        "key": run.key,
        "schedule": str(run.schedule),
        "loss": outcome.loss,
        "diverged": outcome.diverged,
        "error": outcome.error,
        "updates": outcome.updates,
        "seconds": outcome.seconds,
        "attempts": outcome.attempts,
        "began_at": outcome.began_at,
        "machine": outcome.machine,
    }


def _parts(rows: Iterator[Any], most: int) -> Iterator[list[Any]]:
    part: list[Any] = []
    for row in rows:
        part.append(row)
        if len(part) == most:
            yield part
            part = []
    if part:
        yield part


@contextmanager
def _writer(path: Path, schema: Any) -> Iterator[Any]:
    """Yield what writes a Parquet file beside its place, to where it is moved in the end."""
    from pyarrow.parquet import ParquetWriter

    temporary = path.with_name(f".glissando-{os.urandom(8).hex()}")
    try:
        with temporary.open("xb") as file:
            with ParquetWriter(file, schema) as writer:
                yield writer
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except OSError as error:
        if error.filename == str(temporary):  # nobody knows that name
            raise type(error)(error.errno, error.strerror, str(path)) from error
        raise
    finally:
        temporary.unlink(missing_ok=True)


def _arrow() -> Any:
    try:
        import pyarrow
    except ImportError as error:
        raise ImportError('a table needs pyarrow: pip install "glissando[study]"') from error
    return pyarrow
