import math
import weakref

import pyarrow.parquet as parquet
import pytest

from glissando.studies.report import tables
from glissando.studies.report.tables import write_runs, write_steps
from glissando.studies.runs.run import Outcome
from glissando.studies.runs.store import Log
from studies.report.synthetic import complete, log_of, result, settings_of


@pytest.fixture(scope="module")
def found():
    return result(complete(settings_of(("constant", "linear"))))


def runs_of(found):
    return [run for run, _ in found.done.rows]


def test_a_row_for_each_run(found, tmp_path):
    path = tmp_path / "runs.parquet"
    write_runs(path, found.done.placed())
    rows = parquet.read_table(path).to_pylist()
    assert [row["key"] for row in rows] == [run.key for run in runs_of(found)]
    for row, (run, outcome) in zip(rows, found.done.rows, strict=True):
        assert (row["candidate"], row["peak"], row["steps"], row["seed"]) == run._values()[:4]
        assert row["loss"] == outcome.loss
        assert row["schedule"] == str(run.schedule)
        assert row["rung"] == [222, 667, 2000].index(run.steps) + 1
        assert row["stage"] == ("final" if run.seed >= 2 else "search")
    assert list(tmp_path.iterdir()) == [path]


def test_failed_and_diverged_runs_are_told_apart(found, tmp_path):
    run = runs_of(found)[0]
    ends = [Outcome(1.5), Outcome(math.inf), Outcome(None, error="it died")]
    write_runs(tmp_path / "runs.parquet", [(run, end, None, None) for end in ends])
    table = parquet.read_table(tmp_path / "runs.parquet").to_pydict()
    assert table["loss"] == [1.5, math.inf, None]
    assert table["diverged"] == [False, True, False]
    assert table["error"] == [None, None, "it died"]


def test_a_row_for_each_logged_step_in_groups(found, tmp_path, monkeypatch):
    monkeypatch.setattr(tables, "GROUP", 128)
    path = tmp_path / "steps.parquet"
    write_steps(path, runs_of(found), log_of)
    file = parquet.ParquetFile(path)
    assert file.metadata.num_row_groups > len(runs_of(found)) * 50 / 300
    rows = file.read().to_pylist()
    expected = [(run.key, *row) for run in runs_of(found) for row in zip(*log_of(run), strict=True)]
    assert [tuple(row.values()) for row in rows] == expected


def test_few_logs_are_held_at_a_time(found, tmp_path, monkeypatch):
    monkeypatch.setattr(tables, "GROUP", 100)
    held, most = weakref.WeakSet(), []

    class Losses(list):
        """A list that can be referred to weakly."""

        __hash__ = object.__hash__

    def logged(run):
        most.append(len(held))
        steps, losses, rates = log_of(run)
        held.add(kept := Losses(losses))
        return Log(steps, kept, rates)

    write_steps(tmp_path / "steps.parquet", runs_of(found), logged)
    assert len(most) == len(runs_of(found)) > 20
    assert max(most) <= 3


def test_what_was_not_logged_is_null(found, tmp_path):
    logs = iter([Log([], [], []), Log([1, 2], [None, math.inf], [0.1, None])])
    write_steps(tmp_path / "steps.parquet", runs_of(found)[:2], lambda _: next(logs))
    table = parquet.read_table(tmp_path / "steps.parquet").to_pydict()
    assert table["loss"] == [None, math.inf]
    assert table["rate"] == [0.1, None]


def test_a_table_is_written_whole_or_not_at_all(found, tmp_path):
    path = tmp_path / "steps.parquet"
    path.write_bytes(b"as it was")

    def logged(run):
        if run is runs_of(found)[3]:
            raise OSError("the disk went away")
        return log_of(run)

    with pytest.raises(OSError, match="went away"):
        write_steps(path, runs_of(found), logged)
    assert path.read_bytes() == b"as it was"
    assert list(tmp_path.iterdir()) == [path]
    gone = tmp_path / "gone" / "runs.parquet"
    with pytest.raises(OSError, match=r"runs\.parquet"):
        write_runs(gone, [])


def test_pandas_reads_and_joins_them(found, tmp_path):
    pandas = pytest.importorskip("pandas")
    write_runs(tmp_path / "runs.parquet", found.done.placed())
    write_steps(tmp_path / "steps.parquet", runs_of(found)[:3], log_of)
    runs, steps = (pandas.read_parquet(tmp_path / f"{n}.parquet") for n in ("runs", "steps"))
    assert len(steps.merge(runs, on="key")) == 150
