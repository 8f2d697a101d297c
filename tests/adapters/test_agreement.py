"""The frameworks, each in a process of its own, train the same network to the same weights."""

import json
import os
import subprocess
import sys
from pathlib import Path

PROGRAM = Path(__file__).parents[2] / "bench" / "agreement.py"


def test_weights_agree_to_the_rounding_of_float32_after_200_updates():
    run = subprocess.run(
        [sys.executable, str(PROGRAM), "--json"],
        capture_output=True,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        timeout=900,
    )
    assert run.returncode == 0, run.stderr
    distances = json.loads(run.stdout)
    off = distances.pop("(an update off)")
    assert len(distances) == 9
    assert max(distances.values()) < 100, distances  # half an ulp an update; see the program
    assert off > 10_000  # so that an update more or less would be seen
