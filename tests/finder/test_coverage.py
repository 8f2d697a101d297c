"""The 90 % interval of the limit holds the edge of quadratics about 90 times in 100.

`PYTHONPATH=tests python tests/finder/test_coverage.py` prints the whole table, of 200 seeds each;
the plain suite looks at fewer seeds of fewer settings, `make soak` at all of them.
"""

import math
import os
from statistics import median

import numpy as np
import pytest

import glissando as gl
from finder.quadratic import Quadratic

TUNED = {
    "1 direction": ([4.0], 0.0),
    "10 directions, 1 : 100": (np.geomspace(0.1, 10, 10), 0.0),
    "10 directions, 1 : 100, noisy": (np.geomspace(0.1, 10, 10), 0.3),
    "50 directions, one apart, noisy": ([50.0] + 49 * [1.0], 1.0),
    "1,000 directions, noisy": (np.geomspace(1e-3, 20, 1000), 0.05),
}
"""The settings at which the method was looked at while it was made."""

CHECKED = {
    "3 directions": ([0.5, 3.0, 7.0], 0.0),
    "30 directions, 1 : 1,000": (np.geomspace(0.03, 30, 30), 0.0),
    "30 directions, 1 : 1,000, noisy": (np.geomspace(0.03, 30, 30), 0.5),
    "20 directions, even, noisy": (np.linspace(0.1, 2, 20), 0.1),
    "200 directions, random": (np.random.default_rng(5).gamma(1.0, 2.0, 200), 0.0),
    "200 directions, random, noisy": (np.random.default_rng(6).gamma(1.0, 2.0, 200), 0.2),
}
"""Others, at which it was looked only afterwards."""

SOAK = os.environ.get("HYPOTHESIS_PROFILE") == "soak"


def covered(curvatures, noise, seeds):
    """Return how often the interval holds the edge, and its median width as a factor."""
    hits, widths = 0, []
    for seed in range(seeds):
        training = Quadratic(curvatures, noise, seed)
        limit = gl.find_rate(training).limit
        hits += limit.low <= training.edge <= limit.high
        widths.append(limit.high / limit.low)
    return hits / seeds, median(widths)


@pytest.mark.parametrize("name", [*TUNED, *CHECKED] if SOAK else ["3 directions"])
def test_the_interval_holds_the_edge_about_as_often_as_it_says(name):
    seeds = 200 if SOAK else 60
    share, width = covered(*(TUNED | CHECKED)[name], seeds)
    slack = 0.0 if SOAK else 2 * math.sqrt(0.9 * 0.1 / seeds)
    assert 0.85 - slack <= share <= 0.95 + slack
    assert width < 1.2


if __name__ == "__main__":
    for title, settings in {"tuned": TUNED, "checked": CHECKED}.items():
        for name, setting in settings.items():
            share, width = covered(*setting, 200)
            print(f"{title:<8} {name:<34} {share:6.1%}  width ×{width:.3f}", flush=True)
