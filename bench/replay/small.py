"""A small task: a character transformer on Shakespeare, of width 32, by `bench/forecast/train.py`.

Seven shapes were trained at each of five peaks, in complete runs of 300, 900 and 2,700 updates with
one seed: all that a study with the default rungs asks. Between the peaks it is a parabola.
"""

import json
from pathlib import Path

from bench.replay.truth import Truth, between
from glissando.studies.settings import standard_candidates

RUNS = Path(__file__).parents[1] / "data" / "small.jsonl"

STEPS = 2700
NOISE = 0.0034
"""The noise of a run without what its seed does to all alike, of width 64 (`make forecast`)."""

PEAKS = (0.002, 0.004, 0.008, 0.016, 0.032)
BEGIN = ([0.003, 0.01, 0.03], [0.001, 0.003, 0.01], [0.01, 0.03, 0.1])
"""The peaks that studies begin with, in turn."""


def tasks() -> tuple[str, list[Truth], list[list[float]]]:
    """Return the task with its title, for each of the peaks that its studies begin with."""
    rows = map(json.loads, RUNS.read_text().splitlines())
    known = {
        (row["shape"], row["steps"]): dict(zip(row["peaks"], row["losses"], strict=True))
        for row in rows
    }

    def losses(shape: str, peak: float, steps: int) -> float:
        return between(peak, known[shape, steps])

    truth = Truth(STEPS, dict(standard_candidates(STEPS)), PEAKS, losses, NOISE)
    title = "A character transformer, 7 shapes, 5 peaks"
    return title, [truth] * len(BEGIN), [list(peaks) for peaks in BEGIN]
