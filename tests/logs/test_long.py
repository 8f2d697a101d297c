"""Logs that are too long to hold: they are audited, and inferred from, part by part."""

import numpy as np
import pyarrow
import pytest
from pyarrow import parquet

import glissando as gl
from glissando.logs import long
from glissando.logs.kept import BEFORE, Kept
from glissando.logs.logged import LoggedRates
from glissando.logs.long import LongLog, rates_of
from glissando.logs.rates_of import read_rates

ROWS = 9_000

MEANT = gl.Linear(0.0, 1e-3, 200) >> gl.Cosine(1e-3, 1e-5, ROWS - 200)


@pytest.fixture(autouse=True)
def _short(monkeypatch):
    """Take a log for long from 100 kB on."""
    for name, value in (("SIZE", 100_000), ("HEAD", 2**12), ("SPOTS", 32), ("TAIL", 2**11)):
        monkeypatch.setattr(long, name, value)
    monkeypatch.setattr("glissando.logs.scan.BLOCK", 2**15)
    monkeypatch.setattr("glissando.logs.kept.MOST", 2**10)
    monkeypatch.setattr("glissando.logs.kept.FIRST", 2**9)


def written(path, rates, odd=None):
    steps = range(len(rates))
    if path.suffix == ".csv":
        lines = ["step,lr", *(f"{k},{rate:.6g}" for k, rate in zip(steps, rates, strict=True))]
    else:
        lines = [f'{{"step": {k}, "lr": {rate:.6g}}}' for k, rate in zip(steps, rates, strict=True)]
    for at, line in (odd or {}).items():
        lines[at] = line
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.mark.parametrize("name", ["run.csv", "run.jsonl"])
def test_every_row_of_a_long_log_is_compared(tmp_path, name):
    path = written(tmp_path / name, MEANT(np.arange(ROWS)))
    assert isinstance(rates_of(path), LongLog)
    verdict = gl.audit(path, MEANT)
    assert verdict.matches, str(verdict)
    assert (verdict.compared, verdict.lag, verdict.digits) == (ROWS, 0, 6)
    assert len(verdict.rows.step) < ROWS / 4
    found = gl.infer(path)
    assert (found.rows, found.kind, found.lag) == (ROWS, "expression", 0)
    assert np.abs(found.schedule(np.arange(ROWS)) - MEANT(np.arange(ROWS))).max() < 1e-9


def test_one_row_that_differs_is_found_in_its_line_and_so_is_a_change(tmp_path):
    rates = np.array(MEANT(np.arange(ROWS)))
    rates[5_432] *= 1.01
    verdict = gl.audit(written(tmp_path / "one.csv", rates), MEANT)
    assert (verdict.matches, verdict.first.line, verdict.first.update) == (False, 5_433, 5_432)
    rates = np.array(MEANT(np.arange(ROWS))) * np.where(np.arange(ROWS) < 6_789, 1, 0.5)
    path = written(tmp_path / "halved.csv", rates)
    verdict = gl.audit(path, MEANT)
    assert (verdict.cause.name, verdict.cause.since) == ("changed by hand", 6_789)
    assert any(f"of {ROWS:,} rows that were compared" in note for note in verdict.notes)


def test_inference_adds_the_rows_that_an_expression_fails(tmp_path):
    rates = np.where(np.arange(ROWS) < 4_321, 1e-3, 1e-4)
    found = gl.infer(written(tmp_path / "step.csv", rates))
    assert found.schedule(4_320) == pytest.approx(1e-3, rel=1e-9)
    assert found.schedule(4_321) == pytest.approx(1e-4, rel=1e-9)
    assert found.rows == ROWS


def test_what_is_odd_late_in_a_long_log_is_read_row_by_row(tmp_path):
    rates = MEANT(np.arange(ROWS))
    path = written(tmp_path / "nan.csv", rates, {6_001: "6000,nan", 7_001: "7000,"})
    verdict = gl.audit(path, MEANT)
    assert verdict.matches
    assert verdict.compared == ROWS - 2
    assert verdict.notes == ("1 rows hold no finite rate, and are left out",)
    cut = written(tmp_path / "cut.csv", rates, {6_001: "6000"})
    assert gl.audit(cut, MEANT).compared == ROWS - 1
    words = written(tmp_path / "words.csv", rates, {6_001: "6000,none at all"})
    with pytest.raises(gl.ScheduleError, match="'lr' must be a number, got 'none at all'"):
        gl.audit(words, MEANT)
    back = written(tmp_path / "back.csv", rates, {6_001: "-3,0.001"})
    with pytest.raises(gl.ScheduleError, match="row 6001: `step` must be 0 or more"):
        gl.infer(back)


def test_reading_the_format_of_a_long_log_shows_no_bar(tmp_path, monkeypatch):
    bars = []
    monkeypatch.setattr("tqdm.tqdm", lambda **options: bars.append(options))
    monkeypatch.setattr("glissando.logs.source.LONG", 20)
    rates_of(written(tmp_path / "run.csv", MEANT(np.arange(ROWS))))
    assert not bars


def test_kept_rows_are_those_around_events_and_some_of_all():
    kept = Kept()
    for first in range(0, 500_000, 50_000):
        steps = np.arange(first, first + 50_000.0)
        rates = np.where(steps == 77_777, 9.0, 1.0)
        part = LoggedRates(steps, rates, rates * 1e-12, steps.astype(int) + 1, "pairs")
        kept.add(part, steps < 260_000)
    log = kept.log(part)
    assert kept.count == 500_000
    assert len(log.steps) < 4_000
    assert {0.0, 77_777.0, 499_999.0} <= {*log.steps}
    near = log.steps[(log.steps >= 260_000 - BEFORE) & (log.steps < 260_500)]
    assert len(near) == BEFORE + 500
    assert np.diff(log.steps).max() <= 1024


def test_parquet_is_scanned_to_the_same_as_row_by_row(tmp_path, monkeypatch):
    path = tmp_path / "history.parquet"
    steps = np.arange(12_000)
    names = ["steps", "rates", "lines", "resolutions"]
    for rates in (MEANT(steps), MEANT(steps).astype(np.float32)):
        parquet.write_table(pyarrow.table({"_step": steps, "lr": rates}), path)
        fast = read_rates(path)
        with monkeypatch.context() as patch:
            patch.setattr("glissando.logs.rates_of.scanned", lambda *_: None)
            slow = read_rates(path)
        for name in names:
            assert np.array_equal(getattr(fast, name), getattr(slow, name)), name
        names.pop()  # short texts of float32 tell a little less
