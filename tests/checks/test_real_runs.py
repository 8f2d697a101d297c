"""Faults in real runs of a loop in PyTorch; `python -m bench.real_runs` tries all frameworks."""

from pathlib import Path

import pytest

import glissando as gl
from bench.real_runs import logs
from bench.real_runs.jobs import job
from bench.real_runs.loop import rates

SHOWN = [
    ("skipped updates", "csv, 6 digits"),
    ("warm-up repeated", "json lines"),
    ("resumed on the old horizon", "csv, 4 digits"),
    ("bounced past the end", "csv, 5 digits"),
    ("milestone inside the warm-up", "json lines"),
    ("", "csv, 4 digits"),
]


@pytest.mark.parametrize(("fault", "form"), SHOWN)
def test_a_fault_of_a_real_run_is_told(fault: str, form: str, tmp_path: Path):
    work = job("torch", fault, 0)
    rows = [logs.Row(step, rate, None) for step, rate in rates(work)][::3]
    log = logs.write(form, tmp_path / "own", rows, tmp_path / "log")
    verdict = gl.audit(log, work.meant, **work.options)
    assert verdict.matches == (not fault), str(verdict)
    assert (verdict.cause.name if verdict.cause else "") == fault
