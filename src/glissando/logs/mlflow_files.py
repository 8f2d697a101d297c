"""Rows from MLflow's file store: a file a metric, with a line `time value step` for each value."""

import re
from collections.abc import Iterator
from pathlib import Path

from glissando.errors import ScheduleError, shown
from glissando.logs.columns import place
from glissando.logs.source import Row, Source

LINE = re.compile(r"\d{10,16} \S{1,400}( -?\d{1,18}( \S{1,400}){0,2})?\s*")

MOST_RUNS = 2
"""Of so many runs the folder is said to hold several."""


def files_in(folder: Path) -> list[Path]:
    """Return the files of rates of the one run in a folder, or of the run that it is.

    Raises:
        ScheduleError: it holds several runs with rates.
    """
    found: dict[Path, list[Path]] = {}
    for pattern in ("metrics", "*/metrics", "*/*/metrics"):
        for metrics in sorted(folder.glob(pattern)):
            files = [path for path in sorted(metrics.rglob("*")) if path.is_file()]
            rates = [path for path in files if place(_name(path), "rate")]
            if rates:
                found[metrics] = rates
            if len(found) == MOST_RUNS:
                names = " and ".join(shown(str(one.parent.relative_to(folder))) for one in found)
                raise ScheduleError(f"holds several runs, such as {names}: pass one of them")
    return next(iter(found.values()), [])


def rows(source: Source) -> Iterator[Row]:
    """Yield a row for each line, of the files of a run one after the other."""
    for path in files_in(source.path) if source.path.is_dir() else [source.path]:
        with path.open("rb") as file:
            inner = Source(path, file, source.advance)
            for count, line in enumerate(inner.lines(), 1):
                if not line.strip():
                    continue
                parts = line.split()
                if not LINE.fullmatch(line) or len(parts) < 3:
                    source.leave_out(f"line {count}", f"has no time, value, step: {shown(line)}")
                else:
                    yield {_name(path): parts[1], "step": parts[2]}


def _name(path: Path) -> str:
    """Return the name of a metric, whose slashes are folders."""
    parts = path.parts
    if "metrics" in parts[:-1]:
        last = len(parts) - 1 - parts[::-1].index("metrics", 1)
        return "/".join(parts[last + 1 :])
    return path.name
