"""Several real processes that train together: every rank uses the same rates."""

import json
import os
import subprocess
import sys
from pathlib import Path

import glissando as gl

HERE = Path(__file__).parent / "ranks"


def run(script, folder, work, *phases):
    """Return what each phase saw, as a mapping of samples consumed to the rate then used.

    All ranks must have seen the same.
    """
    command = [sys.executable, str(HERE / script), str(folder), work, *phases]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    subprocess.run(command, check=True, timeout=300, env=environment)
    seen = []
    for i, phase in enumerate(phases):
        if phase == "new":
            continue
        world = int(phase.partition(":")[0])
        ranks = [json.loads((folder / f"{i}-{rank}.json").read_text()) for rank in range(world)]
        assert all(rank == ranks[0] for rank in ranks)
        seen.append(dict(ranks[0]))
        assert len(seen[-1]) == len(ranks[0])
    return seen


RATE = gl.Linear(0.0, 0.5, steps=256) >> gl.Cosine(0.5, 0.01, steps=3328)


def samples(world, first, updates, batch=8):
    return [first + i * batch * world for i in range(updates)]


def test_pain_22_the_rate_is_one_function_of_the_samples_whatever_the_world(tmp_path):
    """GPU count changes -> other curve."""
    one, two, *changing = run(
        "torch_run.py", tmp_path, "samples", "1:104", "new", "2:52", "new", "4:9", "2:34", "4:9"
    )
    assert one == {n: RATE(n) for n in samples(1, 0, 104)}
    assert two == {n: RATE(n) for n in samples(2, 0, 52)} == {n: one[n] for n in two}
    assert [list(part) for part in changing] == [
        samples(4, 0, 9),
        samples(2, 288, 34),
        samples(4, 832, 9),
    ]
    for part in changing:
        assert part == {n: RATE(n) for n in part}


def test_pain_36_ranks_that_see_other_metrics_hear_the_one_of_rank_0(tmp_path):
    """Plateau cannot be composed; loses state; ranks differ."""
    one, *changing = run("torch_run.py", tmp_path, "plateau", "1:30", "new", "4:12", "2:7", "4:11")
    base = gl.Linear(0.0, 0.5, steps=10) >> gl.Cosine(0.5, 0.25, steps=90)
    # it listens after 10 updates; the first metric is the best one, and each third falls
    expected = [base(k) * 0.5 ** (max(0, k - 10) // 3) for k in range(30)]
    assert list(one.values()) == expected
    assert [rate for part in changing for rate in part.values()] == expected


def test_updates_that_the_scaler_skips_on_all_ranks_count_on_none(tmp_path):
    parts = run("torch_run.py", tmp_path, "skips", "4:10", "2:21", "4:5")
    assert [list(part) for part in parts] == [
        samples(4, 0, 8),
        samples(2, 256, 17),
        samples(4, 528, 4),
    ]
    for part in parts:
        assert part == {n: RATE(n) for n in part}
